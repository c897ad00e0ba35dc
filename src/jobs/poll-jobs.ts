import type { Clock, Random } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { isLwiError, type LwiError } from '../errors.ts';
import { asFailure } from '../sync/event-retry.ts';
import { endsAll, longestPause, pollPause } from '../sync/poll-pace.ts';
import type { SyncReport } from '../sync/sync-connection.ts';
import type { PollEnd } from '../sync/watch.ts';
import type { Job, JobQueue, Jobs, NewJob } from './jobs.ts';
import type { JobDone } from './work-jobs.ts';

/** A connection; the id of its row tells that it was made anew, and is polled at once. */
type Pollable = ConnectionKey & { readonly id?: string | undefined };

/** What a poll hands on to the next one: how many failed in a row, and how many met somebody else. */
interface PollOrder {
  readonly failures: number;
  readonly busy: number;
}

export interface PollJobDeps<Row extends Pollable> {
  readonly jobs: Pick<Jobs, 'add' | 'polls' | 'postpone'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly intervalMs: number;
  /** What this process sees to that it is polled. */
  connections(): Promise<readonly Row[]>;
  /** Any connection: whoever has room polls it. */
  connection(key: ConnectionKey): Promise<Row | undefined>;
  /** One run. */
  poll(row: Row, signal: AbortSignal): Promise<SyncReport>;
  told(end: PollEnd<Row>): void;
  /** Told that some process has polled it without a failure, ms since the epoch. */
  seen(row: Row, at: number): void;
}

/** How often the polls that ought to be there are looked for, ms. */
const LIST_MS = 10_000;
/** What is due so little later than one would have it stays as it is: a job is postponed by whole seconds, ms. */
const SLACK_MS = 2000;
/** How many intervals the end of a poll is remembered: by it the next one is scheduled, and health is judged. */
const KEPT_INTERVALS = 10;
const LEAST_KEPT_MS = 600_000;
/**
 * The first pause where somebody else is syncing the connection, ms; each further one is twice as long, up to the interval. It may be one whose host was cut off: the
 * claim of that one has lapsed, and its right will end in a few seconds more.
 */
const BUSY_MS = 10_000;

/**
 * Polls on an interval, scheduled once for all machines: each connection has one job, and whoever has done it makes the next one. A job that is not there (the
 * first one, or its process died between the two) is made by whoever notices, to be due one interval after the last poll.
 */
export function pollJobs<Row extends Pollable>(deps: PollJobDeps<Row>) {
  const { jobs, clock, random, intervalMs } = deps;
  let listAt = 0;

  function next(row: Row, inMs: number, order: PollOrder): NewJob {
    return {
      ...{ kind: 'poll', provider: row.provider, account: row.account, key: keyOf(row), inMs, order },
      keepMs: Math.max(LEAST_KEPT_MS, KEPT_INTERVALS * intervalMs),
    };
  }

  /** Makes what is missing. Another machine may poll less often: the shortest interval of those that run counts. */
  async function list(): Promise<void> {
    const rows = await deps.connections();
    const queues = [...new Set(rows.map(({ provider }) => provider))].map(
      (provider): JobQueue => ({ kind: 'poll', provider }),
    );
    const lanes = await jobs.polls(queues, rows.map(keyOf));
    const missing: NewJob[] = [];
    for (const row of rows) {
      const { live = false, dueInMs = 0, failures = 0, endedAgoMs, doneAgoMs } = lanes.get(keyOf(row)) ?? {};
      const inMs = endedAgoMs === undefined ? 0 : Math.max(0, intervalMs - endedAgoMs);
      const latestMs = Math.max(0, longestPause(intervalMs, failures) - (endedAgoMs ?? 0));
      if (doneAgoMs !== undefined) deps.seen(row, clock.now() - doneAgoMs);
      if (!live) missing.push(next(row, inMs, { failures: 0, busy: 0 }));
      else if (dueInMs > latestMs + SLACK_MS)
        await jobs.postpone({ kind: 'poll', provider: row.provider }, keyOf(row), latestMs);
    }
    if (missing.length > 0) await jobs.add(missing);
  }

  return {
    async prepare(): Promise<void> {
      const left = listAt - clock.now();
      // More than the pause: the clock was set back.
      if (left > 0 && left <= LIST_MS) return;
      await list();
      listAt = clock.now() + LIST_MS;
    },

    async run(job: Job, signal: AbortSignal): Promise<JobDone> {
      const row = await deps.connection({ account: job.account, provider: job.provider });
      if (!row || keyOf(row) !== job.key) return { end: { state: 'done', outcome: 'gone' } };
      let report: SyncReport | undefined;
      let error: LwiError | undefined;
      try {
        report = await deps.poll(row, signal);
        error = report.entities.find((each) => each.error)?.error;
      } catch (thrown) {
        // A database that was away is waited for, with the same job.
        if (
          signal.aborted ||
          isLwiError(thrown, 'STORE_AWAY', 'STORE_LOCKED') ||
          (isLwiError(thrown) && endsAll(thrown))
        )
          throw thrown;
        error = asFailure(thrown);
      }
      const before = job.order as unknown as PollOrder;
      const busy = error?.code === 'LEASE_BUSY';
      const order = busy
        ? { failures: before.failures, busy: before.busy + 1 }
        : { failures: error ? before.failures + 1 : 0, busy: 0 };
      const inMs = busy
        ? Math.min(intervalMs, BUSY_MS * 2 ** before.busy)
        : pollPause(intervalMs, order.failures, random);
      if (order.busy <= 1) deps.told({ row, report, error, busy, nextAt: clock.now() + inMs });
      const outcome = busy ? 'busy' : error ? 'failed' : 'done';
      return { end: { state: 'done', outcome }, next: [next(row, inMs, order)] };
    },
  };
}

const keyOf = (row: Pollable): string => `${connectionName(row)}/${row.id ?? ''}`;
