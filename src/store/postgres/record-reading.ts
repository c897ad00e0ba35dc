import type { RecordTables } from '../record-tables.ts';
import type { PostgresDatabase } from './database.ts';

export function recordReading(
  _db: PostgresDatabase,
): Pick<RecordTables, 'recordLists' | 'records' | 'record' | 'recordCounts' | 'setAside'> {
  return {} as Pick<RecordTables, 'recordLists' | 'records' | 'record' | 'recordCounts' | 'setAside'>;
}
