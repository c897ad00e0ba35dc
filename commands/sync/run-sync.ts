import { isLwiError, LwiError } from '../../src/errors.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import type { SyncObserver } from '../../src/sync/sync-deps.ts';
import type { Connected, RecordableContext } from '../shared/recordable.ts';
import { syncOnce } from '../shared/sync-once.ts';
import { readSyncOptions, type SyncOptions, type SyncWish } from './options.ts';
import { progressOf } from './progress.ts';
import { type RecordOutput, recordOutput } from './record-output.ts';
import { plainReport, type SyncOutcome, showNotes, showTable } from './show-reports.ts';

/** `lwi sync`: one connection, or all of the account, one after the other. */
export async function runSync(context: RecordableContext, options: SyncOptions, id?: string): Promise<number> {
  if (options.watch || options.interval !== undefined) {
    const { watchSync } = await import('./watch-sync.ts');
    return watchSync(context, options, id);
  }
  const { terminal, clock } = context;
  const wish = readSyncOptions(options, { now: clock.now(), json: terminal.json });
  const rows = id ? [await context.connection(id)] : await connectionsToSync(context);
  if (wish.dryRun) {
    const { dryRun } = await import('./dry-run.ts');
    await dryRun(context, rows, wish, id !== undefined);
    return 0;
  }
  const output = await recordOutput(context, wish);
  const outcomes: SyncOutcome[] = [];
  for (const row of rows) outcomes.push(await outcomeOf(context, row, wish, output, id === undefined));
  output.end();
  if (wish.format === 'json') terminal.document(id ? plainReport(outcomes[0]) : outcomes.map(plainReport));
  if (wish.format === 'table') await showTable(context, outcomes);
  if (wish.format !== 'json') showNotes(context, outcomes);
  return verdict(outcomes);
}

/** All connections of the account. Throws NOT_CONNECTED where there is none. */
export async function connectionsToSync(context: RecordableContext): Promise<readonly Connected[]> {
  const { account, rows } = await context.connections();
  if (rows.length > 0) return rows;
  throw new LwiError('NOT_CONNECTED', `Account ${account} has no connection to sync.`, {
    account,
    hint: 'Run `lwi connect <provider>`.',
  });
}

/** Of several connections one that fails does not stop the others. */
async function outcomeOf(
  context: RecordableContext,
  row: Connected,
  wish: SyncWish,
  output: RecordOutput,
  several: boolean,
): Promise<SyncOutcome> {
  const { since, entities, full, limit, lagMs } = wish;
  const progress = await progressOf(context, row.provider);
  try {
    const { bookmarks, observer: writer } = await output.of(row);
    const observer: SyncObserver = { ...progress.observer, ...writer };
    const order = { kind: 'sync', since, entities, full, limit, lagMs, bookmarks, observer } as const;
    return await syncOnce(context, row, order);
  } catch (error) {
    const { signal } = context;
    if (!several || signal.aborted || !isLwiError(error) || error.category === 'storage') throw error;
    return { provider: row.provider, account: row.account, entities: [], error };
  } finally {
    await progress.stop();
  }
}

/** The worst of what happened decides the exit code; rows that were set aside are not passed over in silence. */
function verdict(outcomes: readonly SyncOutcome[]): number {
  const errors = outcomes.flatMap(({ entities, error }) => [
    ...(error ? [error] : []),
    ...entities.flatMap((entity) => entity.error ?? []),
  ]);
  const [first] = errors;
  if (first) {
    const worst = errors.reduce((a, b) => (b.exitCode > a.exitCode ? b : a), first);
    const failed = errors.length === 1 ? '' : ` (${errors.length} entities failed)`;
    throw new LwiError(worst.code, `${worst.message}${failed}`, { ...worst.facts, cause: worst });
  }
  const aside = outcomes.flatMap((outcome) => asideOf(outcome));
  const [where] = aside;
  if (!where) return 0;
  const count = aside.reduce((sum, { rejected }) => sum + rejected, 0);
  throw new LwiError(
    'RECORDS_SET_ASIDE',
    `${count} ${count === 1 ? 'row' : 'rows'} of ${aside.map(({ entity }) => entity).join(', ')} could not be read and ${count === 1 ? 'was' : 'were'} set aside; everything else is stored.`,
    {
      provider: where.provider,
      account: where.account,
      hint: `Read them with \`lwi records list ${where.provider} ${where.entity} --set-aside\`.`,
    },
  );
}

function asideOf({ provider, account, entities }: Pick<SyncReport, 'provider' | 'account' | 'entities'>) {
  return entities.flatMap(({ entity, rejected }) => (rejected > 0 ? [{ provider, account, entity, rejected }] : []));
}
