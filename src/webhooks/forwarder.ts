import type { Alarm } from '../alarm.ts';
import type { Clock, Random } from '../clock.ts';
import { isPassingStoreTrouble, type LwiError } from '../errors.ts';
import type { Forward, ForwardEnd, Forwards } from '../store/forwards.ts';
import type { WorkHold } from '../store/inbox.ts';
import { forwardRequest } from './forward-request.ts';
import { nextWait } from './forward-schedule.ts';
import { groupCommit } from './group-commit.ts';
import type { RequestSender, SendEnd } from './request-sender.ts';
import { targetCircuit } from './target-circuit.ts';

export interface Forwarding {
  readonly forwards: Omit<Forwards, 'forwardCounts' | 'noteReplay'>;
  readonly sender: Pick<RequestSender, 'send'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Rung when something new is to be sent. */
  readonly alarm: Alarm;
  /** URL. */
  readonly target: string;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** How long attempts for one event go on, ms. */
  readonly retryForMs: number;
  /** Told how each attempt ended, once that is written down. */
  told(event: Forward, end: ForwardEnd): void;
  /** Told when the target is taken to be down (with the pause, ms), and when it is up again. */
  toldTarget(state: 'down' | 'up', pauseMs: number): void;
  /** Told, once, that another process sends to this target. */
  toldHeld(): void;
  /** Told of trouble with the store that is waited out. */
  trouble(error: LwiError): void;
}

/** Other processes may put something into the inbox: how often one looks, ms. */
const LOOK_MS = 1000;
/** A store that is full or locked is left alone for so long, and a database that is away for less, ms: it is often just started again. */
const STORE_PAUSE_MS = 5000;
const AWAY_PAUSE_MS = 1000;
/** How long attempts under way may go on when the command ends, ms: what was answered and is not written down is sent twice. */
const GRACE_MS = 1500;

/**
 * Brings what is to go to one target there until stopped: each event at least once, several at a time, in no promised order. Of all processes on a store one
 * does; what it was sending when it died is sent again, and so may be what it was sending when the database took the right from it, because it was cut off
 * or the database was restarted. Then it sends nothing new until it has the right again. Throws the signal's reason, or trouble of the store that waiting would not end.
 */
export async function forwardEvents(work: Forwarding): Promise<never> {
  for (;;) {
    const hold = await waitForHold(work);
    try {
      await send(work, hold);
    } finally {
      await hold.release();
    }
  }
}

async function waitForHold(work: Forwarding): Promise<WorkHold> {
  for (let told = false; ; ) {
    const hold = await patiently(work, () => work.forwards.holdTarget(work.target));
    if (hold) return hold;
    if (!told) work.toldHeld();
    told = true;
    await work.clock.sleep(LOOK_MS, work.signal);
  }
}

/** Until the right is lost, and what was under way then has ended: whoever takes the right lets wait again what is under way. */
async function send(work: Forwarding, hold: WorkHold): Promise<void> {
  const { forwards, clock, signal, alarm, target, concurrency } = work;
  const underWay = new Set<Promise<void>>();
  const circuit = targetCircuit();
  const ending = new AbortController();
  let broken: { readonly error: unknown } | undefined;
  const finish = groupCommit(async (ends: readonly ForwardEnd[]) => {
    await patiently(work, () => forwards.finishForwards(ends), ending.signal);
    return ends.map(() => undefined);
  });

  async function attempt(event: Forward): Promise<void> {
    const startedAt = clock.now();
    const answer = await work.sender.send(forwardRequest(event), ending.signal).catch((error: unknown): SendEnd => {
      if (!ending.signal.aborted) throw error;
      return { tookMs: Math.max(0, clock.now() - startedAt), error: STOPPED };
    });
    const stopped = answer.error === STOPPED;
    const end: ForwardEnd = stopped
      ? { ...endOf(event, startedAt, answer), state: 'received', dueAt: clock.now() }
      : judged(work, event, startedAt, answer);
    await finish([end]);
    work.told(event, end);
    if (stopped || !circuit.ended(isTrouble(answer), clock.now(), answer.retryAfterMs)) return;
    work.toldTarget(circuit.open ? 'down' : 'up', circuit.pauseMs(clock.now()));
    if (!circuit.open) await patiently(work, () => forwards.hastenForwards(target, clock.now()));
  }

  async function start(): Promise<number> {
    const now = clock.now();
    const room = circuit.room(underWay.size, concurrency, now);
    const taken = room === 0 ? [] : await patiently(work, () => forwards.takeForwards(target, now, room));
    for (const event of taken) {
      const one = attempt(event)
        .catch((error: unknown) => {
          broken ??= { error };
        })
        .finally(() => {
          underWay.delete(one);
          alarm.ring();
        });
      underWay.add(one);
    }
    if (room === 0) return circuit.pauseMs(clock.now()) || LOOK_MS;
    if (taken.length === room) return LOOK_MS;
    const next = await patiently(work, () => forwards.nextForwardAt(target));
    return Math.min(LOOK_MS, Math.max(0, (next ?? Number.POSITIVE_INFINITY) - clock.now()));
  }

  try {
    await patiently(work, () => forwards.recoverForwards(target, clock.now()));
    // Whoever starts lwi has perhaps just started the target too.
    await patiently(work, () => forwards.hastenForwards(target, clock.now()));
    for (;;) {
      signal.throwIfAborted();
      if (broken) throw broken.error;
      if (!hold.held() && underWay.size === 0) return;
      await alarm.sleep(hold.held() ? await start() : LOOK_MS, signal);
    }
  } finally {
    const late = clock.sleep(GRACE_MS, ending.signal).then(
      () => ending.abort(),
      () => {},
    );
    await Promise.all(underWay);
    ending.abort();
    await late;
  }
}

const STOPPED = 'lwi was stopped while it was sending';

function endOf({ event, target }: Forward, startedAt: number, { status, tookMs, error }: SendEnd) {
  return { event, target, startedAt, tookMs, status, error };
}

function judged(
  { clock, random, retryForMs }: Forwarding,
  event: Forward,
  startedAt: number,
  answer: SendEnd,
): ForwardEnd {
  const { status, retryAfterMs } = answer;
  const end = endOf(event, startedAt, answer);
  if (status !== undefined && status >= 200 && status < 300) return { ...end, state: 'delivered' };
  const error = end.error ?? `answered ${status}`;
  // Gone: the target wants no more of it (RFC 9110, 15.5.11; so does the Standard Webhooks specification).
  const { attempt, receivedAt } = event;
  const failed = { attempt, ageMs: clock.now() - receivedAt, retryForMs, askedMs: retryAfterMs };
  const wait = status === 410 || answer.unsendable ? undefined : nextWait(failed, random());
  if (wait === undefined) return { ...end, error, state: 'failed' };
  return { ...end, error, state: 'received', dueAt: clock.now() + wait };
}

function isTrouble({ status, unsendable }: SendEnd): boolean {
  return !unsendable && (status === undefined || status >= 500 || status === 429);
}

/** A store that is locked or full for a while is waited for. */
async function patiently<T>(work: Forwarding, ask: () => Promise<T>, signal = work.signal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassingStoreTrouble(error)) throw error;
      work.trouble(error);
      await work.clock.sleep(error.code === 'STORE_AWAY' ? AWAY_PAUSE_MS : STORE_PAUSE_MS, signal);
    }
  }
}
