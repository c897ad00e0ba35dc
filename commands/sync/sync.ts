import type { Context } from '../../src/context.ts';
import { type CassetteOptions, cassetteOptions, recordable } from '../shared/cassette.ts';
import type { Define } from '../shared/define.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import type { SyncOptions } from './options.ts';

export const define: Define = (parent, run) => {
  const command = parent
    .command('sync [provider]')
    .description('pull what changed into the local store')
    .option('--since <when>', 'a date, an ISO time, a span such as 7d, or last', 'last')
    .option('--entity <name...>', 'only these kinds of records')
    .option('--full', 'read everything once more, and bury what is gone')
    .option('--limit <n>', 'at most so many records of each kind')
    .option('--lag <span>', 'how far behind the cursor to read again, e.g. 14d')
    .option('--dry-run', 'read one page of each and say what the whole would cost; nothing is stored')
    .option('--output <format>', 'table, json, jsonl (the records) or singer', 'table')
    .option('--state <file>', 'with --output singer: go on from this STATE, whatever the store says')
    .option('--watch', 'poll on an interval, until stopped')
    .option('--interval <span>', 'with --watch: between two polls, at least 10s (default: 5m)')
    .option('--queue', 'hand it to the machines that run `lwi serve`, and end (PostgreSQL)');
  cassetteOptions(command).action(run(here));
};

async function here(
  context: Context,
  options: SyncOptions & CassetteOptions,
  id?: string,
): Promise<number | undefined> {
  if (!options.queue) return recordable(sync)(context, options, id);
  const { queueSync } = await import('./queue-sync.ts');
  return queueSync(context, options, id);
}

async function sync(context: RecordableContext, options: SyncOptions, id?: string): Promise<number> {
  const { runSync } = await import('./run-sync.ts');
  return runSync(context, options, id);
}
