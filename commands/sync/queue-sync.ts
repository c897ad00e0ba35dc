import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { NewJob } from '../../src/jobs/jobs.ts';
import type { SyncJobOrder } from '../../src/jobs/sync-order.ts';
import type { CassetteOptions } from '../shared/cassette.ts';
import { demandJobs, tellQueued } from '../shared/queued-jobs.ts';
import { liveContext } from '../shared/recordable.ts';
import { chosenStreams } from '../shared/sync-once.ts';
import { readSyncOptions, type SyncOptions } from './options.ts';
import { connectionsToSync } from './run-sync.ts';

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
  const ids = await jobs.add(rows.map(({ account, provider }): NewJob => ({ kind: 'sync', account, provider, order })));
  tellQueued(context, ids);
  return 0;
}

/** What shows its result here, or never ends. */
function refuseOthers({ watch, interval, dryRun, output, state, record, replay }: SyncOptions & CassetteOptions): void {
  const others = {
    ...{ watch, interval, state, record, replay, 'dry-run': dryRun },
    output: output === 'table' ? undefined : output,
  };
  const [other] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (other) throw new LwiError('USAGE', `--${other} does not go with --queue: other machines do the work.`);
}
