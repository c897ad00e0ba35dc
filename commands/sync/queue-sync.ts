import { type ConnectionKey, connectionName } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Jobs, NewJob } from '../../src/jobs/jobs.ts';
import type { SyncJobOrder } from '../../src/jobs/sync-order.ts';
import type { CassetteOptions } from '../shared/cassette.ts';
import { demandJobs, type Queued, tellQueued } from '../shared/queued-jobs.ts';
import { liveContext } from '../shared/recordable.ts';
import { chosenStreams } from '../shared/sync-once.ts';
import { readSyncOptions, type SyncOptions } from './options.ts';
import { connectionsToSync } from './run-sync.ts';

/** How often a job is made anew that others are quick to take. */
const ATTEMPTS = 5;

/** `lwi sync --queue`: a job for each connection, for the machines that run `lwi serve`. Throws USAGE, NOT_CONNECTED. */
export async function queueSync(
  context: Context,
  options: SyncOptions & CassetteOptions,
  id?: string,
): Promise<number> {
  const jobs = await demandJobs(context);
  refuseOthers(options);
  const { clock, terminal } = context;
  const { since, entities, full, limit, lagMs } = readSyncOptions(options, { now: clock.now(), json: terminal.json });
  const rows = id ? [await context.connection(id)] : await connectionsToSync(liveContext(context));
  for (const { provider } of rows) chosenStreams(await context.provider(provider), entities);
  const order: SyncJobOrder = { by: 'hand', since, entities, full, limit, lagMs };
  const queued: Queued[] = [];
  for (const row of rows) queued.push(await queuedSync(jobs, row, order));
  tellQueued(context, queued);
  return 0;
}

/** A job, or the one that waits already for exactly that. */
async function queuedSync(jobs: Jobs, row: ConnectionKey, order: SyncJobOrder): Promise<Queued> {
  const { account, provider } = row;
  const key = `${connectionName(row)} ${JSON.stringify(order)}`;
  const job: NewJob = { kind: 'sync', account, provider, key, order };
  for (let attempt = 1; ; attempt++) {
    const [made] = await jobs.add([job]);
    if (made !== undefined) return { jobId: made };
    const before = await jobs.waiting(job, key);
    if (before !== undefined) return { jobId: before, waitedAlready: true };
    // Somebody has claimed it between the two.
    if (attempt === ATTEMPTS)
      throw new LwiError('STORE_LOCKED', `The job for ${connectionName(row)} could not be made.`);
  }
}

/** What shows its result here, or never ends. */
function refuseOthers({ watch, interval, dryRun, output, state, record, replay }: SyncOptions & CassetteOptions): void {
  const others = {
    ...{ watch, interval, state, record, replay, 'dry-run': dryRun },
    output: output === 'table' ? undefined : output,
  };
  const [other] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (!other) return;
  throw new LwiError('USAGE', `--${other} does not go with --queue: other machines do the work.`, {
    hint: `Leave out --${other}, or leave out --queue to sync here.`,
  });
}
