import type { Alarm } from '../../src/alarm.ts';
import { type ConnectionKey, connectionName } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { askedSyncs } from '../../src/jobs/asked-syncs.ts';
import type { Job, JobEnd, JobKind, Jobs } from '../../src/jobs/jobs.ts';
import { pollJobs } from '../../src/jobs/poll-jobs.ts';
import { type JobDone, workJobs } from '../../src/jobs/work-jobs.ts';
import { inboxPruning } from '../../src/sync/prune-inbox.ts';
import { workConnection } from '../../src/sync/work-inbox.ts';
import { liveContext } from '../shared/recordable.ts';
import { syncOnce } from '../shared/sync-once.ts';
import { waitedOut } from '../shared/waited-out.ts';
import { eventWork } from './event-work.ts';
import { tellJob } from './job-line.ts';
import { replayJobs } from './replay-jobs.ts';
import type { ServeParts } from './serve-parts.ts';
import { syncJobs } from './sync-jobs.ts';

interface Shared {
  readonly jobs: Jobs;
  readonly intervalMs: number;
  /** Rung when something has come. */
  readonly alarm: Alarm;
  readonly signal: AbortSignal;
}

/** How many of each kind this process does at once; each poll and sync holds one page in memory. */
const ROOM: Readonly<Record<JobKind, number>> = { apply: 16, poll: 16, sync: 4, replay: 8 };

/** What cannot be worked off because of a defect is left alone for so long, ms. */
const REST_MS = 60_000;

/** `lwi serve` on a database that several machines share: each takes what is to be done when it has room, and nothing is done twice. */
export function sharedWork(
  context: Context,
  parts: ServeParts,
  { jobs, intervalMs, alarm, signal }: Shared,
): Promise<never> {
  const { clock, random, terminal } = context;
  const { store, serves, health, metrics } = parts;
  const asked = askedSyncs(jobs, clock);
  const inbox = eventWork(context, parts, { pollSoon: asked.soon, alarm, signal, applied: asked.keep });
  const prune = inboxPruning(store, clock);
  const polls = pollJobs({
    ...{ jobs, clock, random, intervalMs, connections: parts.rows, told: parts.toldPoll, seen: health.seen },
    connection: (key) => store.connection(key),
    poll: (row, ending) => syncOnce({ ...liveContext(context), signal: ending }, row, { kind: 'poll' }),
  });
  const sync = syncJobs(context, parts);
  const replay = replayJobs(context, parts);
  /** Connections whose deliveries this process is working off. */
  const applying = new Set<string>();
  /** When those failed that rest, ms since the epoch. */
  const resting = new Map<string, number>();

  function mayBeApplied(key: ConnectionKey): boolean {
    const name = connectionName(key);
    const rested = Math.abs(clock.now() - (resting.get(name) ?? Number.NEGATIVE_INFINITY)) > REST_MS;
    if (rested) resting.delete(name);
    return rested && serves(key.provider) && !applying.has(name);
  }

  async function apply([job]: readonly [Job, ...Job[]]): Promise<JobDone> {
    const key: ConnectionKey = { account: job.account, provider: job.provider };
    applying.add(connectionName(key));
    try {
      while (!signal.aborted && (await workConnection(inbox, key)));
    } finally {
      applying.delete(connectionName(key));
    }
    signal.throwIfAborted();
    return { end: { state: 'done' } };
  }

  return workJobs({
    ...{ jobs, clock, signal, alarm, room: ROOM, takes: serves },
    group: ({ kind, id, account, provider, order }) =>
      kind === 'sync' && order['by'] === 'event' ? connectionName({ account, provider }) : id,

    async prepare() {
      await asked.keep();
      const due = (await store.dueConnections(clock.now())).filter(mayBeApplied);
      await jobs.add(
        due.map(({ account, provider }) => ({
          kind: 'apply',
          account,
          provider,
          key: connectionName({ account, provider }),
        })),
      );
      await polls.prepare();
      await prune();
    },

    run: (some, claim) => {
      const { kind } = some[0];
      if (kind === 'apply') return apply(some);
      if (kind === 'poll') return polls.run(some[0], claim);
      return kind === 'sync' ? sync(some, claim) : replay(some, claim);
    },

    trouble(error, first) {
      if (first && error.code !== 'STORE_AWAY') terminal.warn(waitedOut(error));
      parts.trouble(error);
    },
    recovered: parts.well,
    failed(some, error) {
      const end: JobEnd = { state: 'failed', error, again: false };
      if (some[0].kind === 'apply') resting.set(connectionName(some[0]), clock.now());
      for (const job of some) tellJob(terminal, job, end, clock.now());
      metrics.job(some[0], end);
    },
  });
}
