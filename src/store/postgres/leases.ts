import type { Store } from '../store.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';

export function leasesTable(
  _db: PostgresDatabase,
  _clock: DatabaseClock,
): Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'> {
  return {} as Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'>;
}
