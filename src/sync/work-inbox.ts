import { setImmediate as turn } from 'node:timers/promises';
import type { Alarm } from '../alarm.ts';
import { boundedText } from '../bounded-text.ts';
import type { Clock } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { isPassingStoreTrouble, type LwiError } from '../errors.ts';
import type { Inbox, InboxEvent } from '../store/inbox.ts';
import { asFailure, nextTry } from './event-retry.ts';
import { inboxPruning } from './prune-inbox.ts';

/** What came of each of some deliveries of one connection. */
export interface Worked {
  /** In their order: why it could not be applied; undefined: it was. */
  readonly errors: readonly (LwiError | undefined)[];
  readonly run?: number | undefined;
}

export interface InboxWork {
  readonly inbox: Omit<Inbox, 'acceptEvents' | 'inboxCounts'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Rung when something has come. */
  readonly alarm: Alarm;
  /** Which connections are worked for. */
  takes(key: ConnectionKey): boolean;
  /** Applies deliveries of one connection. What it throws counts for all of them. */
  apply(key: ConnectionKey, events: readonly InboxEvent[]): Promise<Worked>;
  /** Told how each try ended; `dueAt`: when it is tried again, ms since the epoch. */
  told(event: InboxEvent, end: { readonly error?: LwiError | undefined; readonly dueAt?: number | undefined }): void;
  /** Told of trouble with the store that is waited out. */
  trouble(error: LwiError): void;
}

/** Deliveries of one connection that are applied together. */
const TOGETHER = 100;
/** Other processes may put something into the inbox, and tries become due: how often one looks, ms. */
const LOOK_MS = 1000;
/** A store that is full or locked is left alone for so long, ms. */
const STORE_PAUSE_MS = 5000;

/**
 * Works off the inbox until stopped: the connections beside each other, each one's deliveries in the order in which they are due. Of all processes on a
 * store one does, for each connection. Whatever was under way when a process died is simply done again. Throws the signal's reason, or trouble of the store
 * that waiting would not end.
 */
export async function workInbox(work: InboxWork): Promise<never> {
  const { inbox, clock, signal, alarm } = work;
  const busy = new Map<string, Promise<void>>();
  let broken: unknown;
  let quietUntil = 0;
  const prune = inboxPruning(inbox, clock);

  /** Trouble that passes is waited out, and not asked about again at once. */
  function troubled(error: LwiError): void {
    quietUntil = clock.now() + STORE_PAUSE_MS;
    work.trouble(error);
  }

  async function start(key: ConnectionKey): Promise<void> {
    let more = false;
    try {
      more = await workConnection(work, key);
    } catch (error) {
      if (!isPassingStoreTrouble(error)) broken ??= error;
      else troubled(error);
    } finally {
      busy.delete(connectionName(key));
      if (more || broken) alarm.ring();
    }
  }

  async function look(): Promise<void> {
    const quiet = quietUntil - clock.now();
    // More than the pause: the clock was set back.
    if (quiet > 0 && quiet <= STORE_PAUSE_MS) return;
    for (const key of await inbox.dueConnections(clock.now())) {
      const name = connectionName(key);
      if (!busy.has(name) && work.takes(key)) busy.set(name, start(key));
    }
    await prune();
  }

  try {
    for (;;) {
      signal.throwIfAborted();
      if (broken) throw broken;
      try {
        await look();
      } catch (error) {
        if (!isPassingStoreTrouble(error)) throw error;
        troubled(error);
      }
      await alarm.sleep(LOOK_MS, signal);
    }
  } finally {
    await Promise.all(busy.values());
  }
}

/** One go at what is due for a connection, by whoever has the right to it. True: something was, and more may be. Throws trouble of the store. */
export async function workConnection(work: InboxWork, key: ConnectionKey): Promise<boolean> {
  const hold = await work.inbox.holdInbox(key);
  // Another process is at it.
  if (!hold) return false;
  // Between two batches that need nothing of the network, deliveries must get their answers.
  await turn();
  return workOff(work, key).finally(hold.release);
}

async function workOff(work: InboxWork, key: ConnectionKey): Promise<boolean> {
  const { inbox, clock, signal } = work;
  const events = await inbox.dueEvents(key, clock.now(), TOGETHER);
  if (events.length === 0) return false;
  const { errors, run } = await work.apply(key, events).catch((error: unknown): Worked => {
    const known = asFailure(error);
    if (signal.aborted || (known.category === 'storage' && !known.retryable)) throw error;
    return { errors: events.map(() => known) };
  });
  const now = clock.now();
  const ends = events.map((event, index) => {
    const error = errors[index];
    return { event, error, dueAt: error && nextTry(error, event.attempts + 1, now) };
  });
  await inbox.finishEvents(
    ends.map(({ event: { event }, error, dueAt }) => ({ event, at: now, run, ...ending(error, dueAt) })),
  );
  for (const { event, ...end } of ends) work.told(event, end);
  return true;
}

function ending(error: LwiError | undefined, dueAt: number | undefined) {
  if (!error) return { state: 'applied' } as const;
  const said = boundedText(`${error.code}: ${error.message}`, 500);
  return dueAt === undefined
    ? ({ state: 'failed', error: said } as const)
    : ({ state: 'received', error: said, dueAt } as const);
}
