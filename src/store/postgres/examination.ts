import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function databaseExamination(_db: PostgresDatabase): Pick<Store, 'examine'> {
  return {} as Pick<Store, 'examine'>;
}
