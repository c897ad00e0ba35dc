import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Pacer } from '../../src/pacer.ts';
import type { ReplayEnd } from '../../src/store/forwards.ts';
import type { Store } from '../../src/store/store.ts';
import type { OutgoingRequest, RequestSender, SendEnd } from '../../src/webhooks/request-sender.ts';
import { signedRequest } from '../../src/webhooks/signed-request.ts';
import type { Target } from '../shared/target.ts';
import type { Signer } from '../shared/webhook-signer.ts';
import type { ReplayItem, TakeItem } from './replay-item.ts';
import type { ReplayTally } from './replay-tally.ts';

export interface ReplayRun {
  readonly context: Pick<Context, 'clock' | 'signal'>;
  readonly target: Target;
  readonly sender: RequestSender;
  readonly pacer?: Pacer | undefined;
  /** Requests under way at once; with 1 they keep their order. */
  readonly concurrency: number;
  /** Finds what to sign with; absent: everything goes as it was captured. */
  readonly signer?: ((item: ReplayItem) => Promise<Signer>) | undefined;
  /** Where attempts to send events of the inbox are noted. */
  readonly store: Pick<Store, 'noteReplay'> | undefined;
  /** An event that is taken need not be forwarded any more. */
  readonly settles: ReplayEnd['settles'];
  readonly tally: ReplayTally;
  /** Called with the reason why an item cannot be sent. */
  readonly onProblem: (error: LwiError) => void;
  /** Called with each result. */
  readonly onResult: () => void;
}

export interface Replayer {
  /** Begins with an item as soon as there is room for it, and it is its turn. Throws like `check`. */
  readonly take: TakeItem;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  /** Throws the signal's reason, or what went wrong with the store. */
  check(): void;
}

export function replayer(run: ReplayRun): Replayer {
  const { context, concurrency, pacer } = run;
  const under = new Set<Promise<void>>();
  let broken: { readonly error: unknown } | undefined;
  const check = () => {
    context.signal.throwIfAborted();
    if (broken) throw broken.error;
  };
  return {
    async take(item) {
      check();
      while (under.size >= concurrency) await Promise.race(under);
      check();
      await pacer?.turn(context.signal);
      const work: Promise<void> = replayOne(run, item)
        .catch((error: unknown) => {
          broken ??= { error };
        })
        .finally(() => under.delete(work));
      under.add(work);
    },
    settled: async () => void (await Promise.all(under)),
    check,
  };
}

async function replayOne(run: ReplayRun, item: ReplayItem): Promise<void> {
  const { tally, onResult, onProblem } = run;
  const { input, provider } = item;
  const who = { input, eventId: item.event?.key, provider };
  const unsent = (problem: LwiError) => {
    onProblem(problem);
    tally.add({ ...who, error: problem.message });
    onResult();
  };
  const request = await requestOf(run, item);
  if (request instanceof LwiError) return unsent(request);
  const startedAt = run.context.clock.now();
  const { status, error, tookMs, unsendable } = await send(run, request, startedAt);
  if (unsendable) return unsent(new LwiError('INPUT_INVALID', error ?? 'not sent', { provider }));
  tally.add({ ...who, status, error, latencyMs: tookMs });
  onResult();
  if (!item.event) return;
  const attempt = { event: item.event.number, target: request.url, startedAt, tookMs, status };
  const why = error ?? (status !== undefined && status >= 200 && status < 300 ? undefined : `HTTP ${status}`);
  await run.store?.noteReplay({ ...attempt, error: why, settles: run.settles });
}

/** What is cut off by a stop is a result too: the target may have got it. */
async function send({ sender, context }: ReplayRun, request: OutgoingRequest, startedAt: number): Promise<SendEnd> {
  try {
    return await sender.send(request, context.signal);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    return { tookMs: context.clock.now() - startedAt, error: 'stopped before an answer came' };
  }
}

async function requestOf(
  { target, signer, context }: ReplayRun,
  item: ReplayItem,
): Promise<OutgoingRequest | LwiError> {
  const loaded = await item.load();
  if (loaded instanceof LwiError) return loaded;
  const { method, path, headers, body } = loaded;
  const request = { url: target.url(path), method, headers, body };
  if (!signer) return request;
  try {
    return signedRequest(request, { ...(await signer(item)), now: context.clock.now() });
  } catch (error) {
    // Another input may well have a secret.
    if (error instanceof LwiError && error.category === 'usage') return error;
    throw error;
  }
}
