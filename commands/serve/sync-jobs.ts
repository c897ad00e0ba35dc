import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { failureEnd, thrownEnd } from '../../src/jobs/failure-end.ts';
import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import { syncOrderOf } from '../../src/jobs/sync-order.ts';
import type { JobDone } from '../../src/jobs/work-jobs.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import { liveContext } from '../shared/recordable.ts';
import { syncOnce } from '../shared/sync-once.ts';
import { tellJob } from './job-line.ts';
import type { ServeParts } from './serve-parts.ts';

/** How `lwi serve` does a run that somebody asked for. */
export function syncJobs(context: Context, { store, metrics }: Pick<ServeParts, 'store' | 'metrics'>) {
  const { clock, terminal } = context;

  async function reportOf(jobs: readonly [Job, ...Job[]], signal: AbortSignal): Promise<SyncReport> {
    const { by, since, entities, full, limit, lagMs } = syncOrderOf(jobs);
    const { account, provider } = jobs[0];
    const row = await store.connection({ account, provider });
    if (!row)
      throw new LwiError('NOT_CONNECTED', `${account}/${provider} is no longer connected.`, { account, provider });
    const kind = by === 'event' ? 'poll' : 'sync';
    const order = { kind, since, entities, full: full ?? false, limit, lagMs } as const;
    const report = await syncOnce({ ...liveContext(context), signal }, row, order);
    metrics.asked(row, report);
    return report;
  }

  async function endOf(jobs: readonly [Job, ...Job[]], signal: AbortSignal): Promise<JobEnd> {
    try {
      const { entities } = await reportOf(jobs, signal);
      const error = entities.find((each) => each.error)?.error;
      return error ? failureEnd(error, jobs[0]) : { state: 'done' };
    } catch (thrown) {
      return thrownEnd(thrown, jobs[0], signal);
    }
  }

  return async (jobs: readonly [Job, ...Job[]], signal: AbortSignal): Promise<JobDone> => {
    const end = await endOf(jobs, signal);
    metrics.job(jobs[0], end);
    for (const job of jobs) tellJob(terminal, job, end, clock.now());
    return { end };
  };
}
