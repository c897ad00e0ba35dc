import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function circuitsTable(_db: PostgresDatabase): Pick<Store, 'circuit' | 'saveCircuit' | 'circuits'> {
  return {} as Pick<Store, 'circuit' | 'saveCircuit' | 'circuits'>;
}
