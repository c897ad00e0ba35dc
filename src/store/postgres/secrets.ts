import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function secretsTable(_db: PostgresDatabase): Pick<Store, 'putSecret' | 'secret' | 'secrets' | 'removeSecret'> {
  return {} as Pick<Store, 'putSecret' | 'secret' | 'secrets' | 'removeSecret'>;
}
