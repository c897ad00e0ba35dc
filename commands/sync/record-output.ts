import { LwiError } from '../../src/errors.ts';
import type { CommitRecord } from '../../src/store/sync-tables.ts';
import type { SyncObserver } from '../../src/sync/sync-deps.ts';
import type { Connected, RecordableContext } from '../shared/recordable.ts';
import type { SyncWish } from './options.ts';

/** Where the records of a sync go beside the store. */
export interface RecordOutput {
  /** For one connection: who is told, and from where its entities are read. */
  of(row: Connected): Promise<OutputOf>;
  /** All connections are done. */
  end(): void;
}

export interface OutputOf {
  readonly observer: SyncObserver;
  /** By entity, ms since the epoch; see `RunOrder`. */
  readonly bookmarks?: ReadonlyMap<string, number> | undefined;
}

/** Records on stdout as lines of JSON or as Singer messages, written before they are committed: what the reader did not get comes again. */
export async function recordOutput(context: RecordableContext, wish: SyncWish): Promise<RecordOutput> {
  if (wish.format === 'jsonl') return { of: async (row) => ({ observer: jsonLines(context, row) }), end: () => {} };
  if (wish.format !== 'singer') return { of: async () => ({ observer: {} }), end: () => {} };
  const { singerOutput } = await import('./singer-output.ts');
  return singerOutput(context, wish);
}

function jsonLines(context: RecordableContext, { provider, account }: Connected): SyncObserver {
  return {
    records: (entity, records) => {
      const lines = records.map((record) => JSON.stringify({ provider, account, entity, ...lineOf(record) }));
      writeLines(context, lines);
    },
  };
}

/** A record in the form that `lwi records export` gives it. */
function lineOf({ id, updatedAt, deleted, data }: CommitRecord) {
  const at = updatedAt === undefined ? null : new Date(updatedAt).toISOString();
  return { id, updatedAt: at, deleted: deleted !== false, ...(deleted === 'absent' ? { absent: true } : {}), data };
}

/** Writes lines to stdout; a reader that has ended ends the run, before anything is counted as done that it did not get. */
export function writeLines({ terminal, host }: RecordableContext, lines: readonly string[]): void {
  if (lines.length > 0) terminal.raw(`${lines.join('\n')}\n`);
  if (host.stdout.gone) throw new LwiError('OUTPUT_CLOSED', 'Whoever was reading the output has ended.');
}
