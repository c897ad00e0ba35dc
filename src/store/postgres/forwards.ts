import type { Forwards } from '../forwards.ts';
import type { PostgresDatabase } from './database.ts';
import type { Holds } from './holds.ts';

export function forwardsTable(_db: PostgresDatabase, _holds: Holds): Forwards {
  return {} as Forwards;
}
