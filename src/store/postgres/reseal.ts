import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function resealing(_db: PostgresDatabase): Pick<Store, 'reseal'> {
  return {} as Pick<Store, 'reseal'>;
}
