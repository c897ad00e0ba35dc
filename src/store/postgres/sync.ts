import type { SyncTables } from '../sync-tables.ts';
import type { PostgresDatabase } from './database.ts';

export function syncTables(
  _db: PostgresDatabase,
): Pick<SyncTables, 'cursor' | 'notePoll' | 'commitPage' | 'startRun' | 'finishRun' | 'syncSummary'> {
  return {} as Pick<SyncTables, 'cursor' | 'notePoll' | 'commitPage' | 'startRun' | 'finishRun' | 'syncSummary'>;
}
