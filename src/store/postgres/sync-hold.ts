import type { SyncTables } from '../sync-tables.ts';
import type { PostgresDatabase } from './database.ts';
import type { Holds } from './holds.ts';

export function syncHolds(_db: PostgresDatabase, _holds: Holds): Pick<SyncTables, 'holdSync'> {
  return {} as Pick<SyncTables, 'holdSync'>;
}
