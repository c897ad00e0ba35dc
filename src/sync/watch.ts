import type { Alarm } from '../alarm.ts';
import type { Clock, Random } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { isLwiError, type LwiError } from '../errors.ts';
import { endsAll, longestPause, pollPause } from './poll-pace.ts';
import type { SyncReport } from './sync-connection.ts';

/** How one poll ended. */
export interface PollEnd<Row> {
  readonly row: Row;
  /** Absent: nothing could be asked, `error` says why. */
  readonly report?: SyncReport | undefined;
  /** What failed first, of an entity or of all. */
  readonly error?: LwiError | undefined;
  /** Somebody else is syncing this connection: left out. */
  readonly busy: boolean;
  /** ms since the epoch. */
  readonly nextAt: number;
}

export interface WatchDeps<Row extends ConnectionKey> {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly alarm: Alarm;
  readonly intervalMs: number;
  /** What is connected now. */
  connections(): Promise<readonly Row[]>;
  /** Whether the connection is still the one that it was, and was not made anew. Absent: it is. */
  same?(before: Row, now: Row): boolean;
  /** One run; `entities` absent: all. */
  poll(row: Row, entities: readonly string[] | undefined): Promise<SyncReport>;
  told(end: PollEnd<Row>): void;
}

export interface Watch {
  /** Polls until stopped. Throws the signal's reason, or what no further poll would get past. */
  run(): Promise<never>;
  /** A poll that is due at once; of one entity, or of all. Those that come close together are one. */
  soon(key: ConnectionKey, entity?: string): void;
}

/** Connections that are polled at once: some may be reading everything for hours. Each holds one page in memory. */
const AT_ONCE = 16;
/** What comes within it is one poll, ms; and the pause after a poll that was asked for, so that a stream of events is no stream of polls, ms. */
const GATHER_MS = 500;
const PAUSE_MS = 10_000;
/** A list of connections that cannot be read now is read again after this, ms. */
const AGAIN_MS = 5000;

interface Watched<Row> {
  row: Row;
  /** When the next whole poll is due, ms since the epoch. */
  nextAt: number;
  /** Polls that failed in a row. */
  failures: number;
  /** What was asked for out of turn, and when first. */
  asked: { readonly entities: Set<string>; all: boolean; readonly at: number } | undefined;
  endedAt: number;
  running: boolean;
}

/** Polls every connection at once, and then on an interval: one at a time for each, a few beside each other. Connections that come or go are noticed at the next interval. */
export function watch<Row extends ConnectionKey>(deps: WatchDeps<Row>): Watch {
  const { clock, random, signal, alarm, intervalMs } = deps;
  const known = new Map<string, Watched<Row>>();
  const running = new Set<Promise<void>>();
  let listAt = 0;
  let broken: { readonly error: unknown } | undefined;

  async function list(): Promise<void> {
    let rows: readonly Row[];
    try {
      rows = await deps.connections();
    } catch (error) {
      if (!isLwiError(error) || endsAll(error)) throw error;
      listAt = clock.now() + AGAIN_MS;
      return;
    }
    const names = new Set(rows.map(connectionName));
    for (const [name, { running: busy }] of known) if (!names.has(name) && !busy) known.delete(name);
    for (const row of rows) {
      const before = known.get(connectionName(row));
      if (before && (deps.same?.(before.row, row) ?? true)) before.row = row;
      else if (before?.running) before.nextAt = clock.now();
      else known.set(connectionName(row), fresh(row, clock.now()));
    }
    listAt = clock.now() + intervalMs;
  }

  /** When a poll of it may begin, ms since the epoch. */
  function dueAt({ nextAt, asked, endedAt }: Watched<Row>): number {
    return asked ? Math.min(nextAt, Math.max(asked.at + GATHER_MS, Math.min(endedAt, clock.now()) + PAUSE_MS)) : nextAt;
  }

  async function poll(one: Watched<Row>): Promise<void> {
    const whole = one.nextAt <= clock.now() || one.asked?.all !== false;
    const entities = whole ? undefined : [...(one.asked?.entities ?? [])];
    one.asked = undefined;
    one.running = true;
    let report: SyncReport | undefined;
    let error: LwiError | undefined;
    try {
      report = await deps.poll(one.row, entities);
      error = report.entities.find((each) => each.error)?.error;
    } catch (thrown) {
      if (signal.aborted || !isLwiError(thrown) || endsAll(thrown)) {
        broken ??= { error: thrown };
        return;
      }
      error = thrown;
    } finally {
      one.running = false;
      one.endedAt = clock.now();
    }
    const busy = error?.code === 'LEASE_BUSY';
    if (whole) {
      one.failures = error && !busy ? one.failures + 1 : 0;
      one.nextAt = clock.now() + pollPause(intervalMs, one.failures, random);
    }
    deps.told({ row: one.row, report, error, busy, nextAt: one.nextAt });
  }

  /** Starts what is due and gives the time until the next is, ms. */
  function startDue(): number {
    const now = clock.now();
    // A clock that was set back must not put off polls for as long.
    const latest = now + 2 * longestPause(intervalMs);
    listAt = Math.min(listAt, latest);
    for (const one of known.values()) if (one.nextAt > latest) one.nextAt = now;
    const idle = [...known.values()].filter((one) => !one.running).toSorted((a, b) => dueAt(a) - dueAt(b));
    for (const one of idle) {
      if (dueAt(one) > now || running.size >= AT_ONCE) break;
      const work = poll(one).finally(() => {
        running.delete(work);
        alarm.ring();
      });
      running.add(work);
    }
    const waiting = idle.filter((one) => !one.running).map(dueAt);
    const next = running.size >= AT_ONCE ? listAt : Math.min(listAt, ...waiting);
    return Math.max(0, next - now);
  }

  return {
    async run() {
      try {
        for (;;) {
          signal.throwIfAborted();
          if (broken) throw broken.error;
          if (clock.now() >= listAt) await list();
          await alarm.sleep(startDue(), signal);
        }
      } finally {
        await Promise.all(running);
      }
    },
    soon(key, entity) {
      const one = known.get(connectionName(key));
      if (!one) return;
      one.asked ??= { entities: new Set(), all: false, at: clock.now() };
      if (entity === undefined) one.asked.all = true;
      else one.asked.entities.add(entity);
      alarm.ring();
    },
  };
}

function fresh<Row>(row: Row, now: number): Watched<Row> {
  return { row, nextAt: now, failures: 0, asked: undefined, endedAt: Number.NEGATIVE_INFINITY, running: false };
}
