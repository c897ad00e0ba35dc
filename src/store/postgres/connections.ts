import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

export function connectionsTable(
  _db: PostgresDatabase,
): Pick<
  Store,
  | 'connection'
  | 'connections'
  | 'putConnection'
  | 'deleteConnection'
  | 'beginRotation'
  | 'replaceToken'
  | 'failRotation'
> {
  return {} as Pick<
    Store,
    | 'connection'
    | 'connections'
    | 'putConnection'
    | 'deleteConnection'
    | 'beginRotation'
    | 'replaceToken'
    | 'failRotation'
  >;
}
