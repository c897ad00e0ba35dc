import type { RecordTables } from '../record-tables.ts';
import type { PostgresDatabase } from './database.ts';

export function recordViews(_db: PostgresDatabase): Pick<RecordTables, 'keepViews'> {
  return {} as Pick<RecordTables, 'keepViews'>;
}
