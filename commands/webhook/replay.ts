import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { ReplayChoice, ReplayWish } from '../replay/replay-choice.ts';
import type { ReplayItem } from '../replay/replay-item.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly to?: string;
  readonly reSign?: boolean;
  readonly provider?: string;
  readonly scheme?: string;
  readonly rate?: string;
  readonly repeat: string;
  readonly failed?: boolean;
  readonly waiting?: boolean;
  readonly since?: string;
  readonly order?: string;
  readonly concurrency: string;
  readonly timeout: string;
  readonly yes?: boolean;
  readonly allAccounts?: boolean;
  readonly queue?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('replay [inputs...]')
    .usage('<fixture|directory|event-id...> --to <url> [options]')
    .description('send captured webhooks again, as they came or signed anew')
    .option('--to <url>', 'where to; a host alone takes the path of each request')
    .option('--re-sign', 'replace the signature by one of now, under the current secret')
    .option('--provider <id>', 'of captures that name none; with the inbox, only its events')
    .option('--scheme <scheme>', 'with --re-sign: a preset, or JSON or a file of it; the secret is LWI_WEBHOOK_SECRET')
    .option('--failed', 'every event of the inbox that failed')
    .option('--waiting', 'every event of the inbox that waits to be forwarded; once taken it is not forwarded again')
    .option('--since <when>', 'with --failed or --waiting: received since then')
    .option('--order <order>', 'received, newest or given (default: given; received for --failed and --waiting)')
    .option('--rate <rate>', 'at most so many, evenly spread: 5/s, 30/m')
    .option('--repeat <n>', 'send the whole list so often', '1')
    .option('--concurrency <n>', 'requests under way at once', '1')
    .option('--timeout <span>', 'how long to wait for each answer', '10s')
    .option('--all-accounts', 'with --failed or --waiting: of every account; else -a names one where there are several')
    .option('--queue', 'hand events of the inbox to the machines that run `lwi serve`, and end (PostgreSQL)')
    .option('--yes', 'send to another machine without asking')
    .action(run(replayWebhooks));
};

/** Most of `--repeat` and `--concurrency`. */
const MOST_TIMES = 1_000_000;
const MOST_AT_ONCE = 256;

async function replayWebhooks(context: Context, options: Options, words: readonly string[]): Promise<number> {
  const { readTarget, confirmTarget } = await import('../shared/target.ts');
  const { chooseReplays } = await import('../replay/replay-choice.ts');
  const { readRate } = await import('../replay/rate.ts');
  const { wholeNumber } = await import('../shared/whole-number.ts');
  const { sendTimeoutOf } = await import('../shared/send-timeout.ts');
  if (options.to === undefined) throw new LwiError('USAGE', 'Say where to send them: --to <url>.');
  const target = readTarget(options.to);
  const everyMs = options.rate === undefined ? undefined : readRate(options.rate);
  const times = wholeNumber(options.repeat, '--repeat', 1, MOST_TIMES);
  const concurrency = wholeNumber(options.concurrency, '--concurrency', 1, MOST_AT_ONCE);
  const timeoutMs = sendTimeoutOf(options.timeout);
  if (options.queue) await refuseWithQueue(context, options);
  const choice = await chooseReplays(context, await wishOf(context, options, words));
  if (choice.stdin && times > 1)
    throw new LwiError('USAGE', 'Stdin can be read once only: save it to a file for --repeat.');
  await confirmTarget(context, target, { yes: options.yes, what: () => amount(choice, times) });
  if (options.queue) {
    const { queueReplays } = await import('../replay/queued-replay.ts');
    return queueReplays(context, choice, {
      ...{ to: options.to, reSign: options.reSign ?? false, settles: settlesOf(options), timeoutMs },
    });
  }
  return replay(context, options, { target, everyMs, times, concurrency, timeoutMs, choice });
}

/** What only one process at one machine can do. */
async function refuseWithQueue(context: Context, { rate, repeat, concurrency, scheme }: Options): Promise<void> {
  const { demandJobs } = await import('../shared/queued-jobs.ts');
  await demandJobs(context);
  const given = {
    rate,
    repeat: repeat === '1' ? undefined : repeat,
    concurrency: concurrency === '1' ? undefined : concurrency,
    scheme,
  };
  const [other] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (!other) return;
  throw new LwiError('USAGE', `--${other} does not go with --queue: each machine sends what it has taken.`, {
    hint: `Leave out --${other}, or leave out --queue to send from here.`,
  });
}

const settlesOf = ({ waiting, failed }: Options) => (waiting ? 'waiting' : failed ? 'failed' : undefined);

async function wishOf(context: Context, options: Options, words: readonly string[]): Promise<ReplayWish> {
  const { ORDERS } = await import('../replay/replay-choice.ts');
  const { eventFilter } = await import('../shared/event-filter.ts');
  const { failed, waiting, since } = options;
  const chosen = [words.length > 0, failed, waiting].filter(Boolean).length;
  if (chosen !== 1) throw new LwiError('USAGE', 'Name files, directories or event ids, or give --failed or --waiting.');
  const all = failed ? 'failed' : waiting ? 'waiting' : undefined;
  if (since !== undefined && !all) throw new LwiError('USAGE', '--since goes with --failed or --waiting.');
  if (options.scheme !== undefined && !options.reSign)
    throw new LwiError('USAGE', '--scheme goes with --re-sign: otherwise nothing is signed.');
  const order = ORDERS.find((each) => each === options.order);
  if (options.order !== undefined && !order) throw new LwiError('USAGE', `--order takes ${ORDERS.join(', ')}.`);
  if (options.allAccounts && !all) throw new LwiError('USAGE', '--all-accounts goes with --failed or --waiting.');
  return { words, all, order, filter: await eventFilter(context, options), anyAccount: options.allAccounts };
}

async function amount(choice: ReplayChoice, times: number): Promise<string> {
  if (choice.stdin) return 'what comes on stdin';
  let count = 0;
  await choice.each(async () => {
    count += 1;
  });
  return count * times === 1 ? 'one request' : `${count * times} requests`;
}

interface Settings {
  readonly target: ReturnType<typeof import('../shared/target.ts').readTarget>;
  readonly everyMs: number | undefined;
  readonly times: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly choice: ReplayChoice;
}

async function replay(context: Context, options: Options, settings: Settings): Promise<number> {
  const { pacer } = await import('../../src/pacer.ts');
  const { requestSender } = await import('../../src/webhooks/request-sender.ts');
  const { tracedSender } = await import('../../src/webhooks/traced-sender.ts');
  const { lateProgress } = await import('../../src/late-progress.ts');
  const { replayTally } = await import('../replay/replay-tally.ts');
  const { replayer } = await import('../replay/replay-run.ts');
  const { reportReplays } = await import('../replay/replay-report.ts');
  const { clock, terminal } = context;
  const { target, everyMs, times, concurrency, timeoutMs, choice } = settings;
  const tally = replayTally();
  const progress = lateProgress(terminal, clock);
  const trace = { clock, verbosity: context.options.verbosity, write: terminal.trace };
  const sender = tracedSender(requestSender({ clock, timeoutMs, maxSockets: concurrency }), trace);
  let problem: LwiError | undefined;
  const work = replayer({
    ...{ context, target, sender, concurrency, tally },
    pacer: everyMs === undefined ? undefined : pacer(clock, everyMs),
    signer: options.reSign ? signers(context, options) : undefined,
    store: await context.existingStore(),
    settles: settlesOf(options),
    onProblem: (error) => {
      problem ??= error;
    },
    onResult: () => {
      const { sent, failed } = tally.counts();
      progress.update(`${sent} sent${failed > 0 ? `, ${failed} not taken` : ''}`);
    },
  });
  const startedAt = clock.now();
  let stopped: { readonly error: unknown } | undefined;
  try {
    for (let round = 0; round < times; round++) {
      await choice.each(work.take);
      if (choice.changes) await work.settled();
    }
  } catch (error) {
    stopped = { error };
  }
  await work.settled();
  sender.close();
  await progress.stop();
  const { sent } = tally.counts();
  // Where nothing could be sent, the first reason is the error of the command.
  if (sent === 0 && problem) stopped ??= { error: problem };
  if (sent > 0 || !stopped) await reportReplays(context, tally, clock.now() - startedAt);
  if (stopped) throw stopped.error;
  work.check();
  return tally.exitCode();
}

/** What each item is signed with; looked up once for each provider and account. */
function signers(context: Context, { scheme }: Options) {
  type Found = Promise<import('../shared/webhook-signer.ts').Signer>;
  const known = new Map<string, Found>();
  return async ({ provider, event }: ReplayItem): Found => {
    const { schemeSigner, signerOf } = await import('../shared/webhook-signer.ts');
    const name = scheme ?? `${provider ?? ''} ${event?.account ?? ''}`;
    const found = known.get(name);
    if (found) return found;
    if (scheme === undefined && provider === undefined)
      throw new LwiError('USAGE', 'The input does not name its provider.', { hint: 'Give --provider or --scheme.' });
    const fresh =
      scheme === undefined
        ? signerOf(context, provider ?? '', event?.account || undefined)
        : schemeSigner(context, scheme);
    known.set(name, fresh);
    return fresh;
  };
}
