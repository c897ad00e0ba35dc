import type { SyncTables } from '../sync-tables.ts';
import type { PostgresDatabase } from './database.ts';

export function seenTable(_db: PostgresDatabase): Pick<SyncTables, 'unseen' | 'forgetSeen'> {
  return {} as Pick<SyncTables, 'unseen' | 'forgetSeen'>;
}
