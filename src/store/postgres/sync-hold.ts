import { connectionName } from '../../connection.ts';
import type { SyncTables, SyncTarget } from '../sync-tables.ts';
import type { PostgresDatabase } from './database.ts';
import type { Hold, Holds } from './holds.ts';
import { targetValues } from './target-values.ts';

/** What a holder that was killed had in flight keeps nobody waiting: its requests still count, their places are free. Rows are locked in the order of the throttle. */
const FREE_PLACES = `
WITH locked AS (SELECT bucket FROM throttle_buckets WHERE scope = $2 ORDER BY bucket FOR UPDATE)
UPDATE throttle_buckets b SET flights = (
  SELECT coalesce(jsonb_agg(each.flight ORDER BY each.place), '[]')
  FROM jsonb_array_elements(flights::jsonb) WITH ORDINALITY AS each (flight, place)
  WHERE each.flight ->> 3 IS DISTINCT FROM $1)
FROM locked WHERE b.bucket = locked.bucket`;

/** The rights to sync that this process has. */
export interface SyncRights extends Pick<SyncTables, 'holdSync'> {
  /** Undefined: none to this connection. */
  of(target: SyncTarget): Hold | undefined;
  /** Whether there are any. */
  some(): boolean;
  /** Runs whose pages are bound to the right, those that bury what is absent as well. The pages of events are not. */
  bind(run: number): void;
  unbind(run: number): void;
  bound(run: number): boolean;
}

/** The right to sync a connection, on whatever machine: see `holdsTable`. */
export function syncRights(db: PostgresDatabase, holds: Holds): SyncRights {
  const own = new Map<string, Hold>();
  const runs = new Set<number>();
  return {
    bind: (run) => void runs.add(run),
    unbind: (run) => void runs.delete(run),
    bound: (run) => runs.has(run),
    some: () => own.size > 0,
    of: (target) => own.get(keyOf(target).join('\0')),

    holdSync: async (target, owner, at) => {
      const key = keyOf(target);
      const hold = await holds.take(key, owner, at);
      // Whoever has the lock may not have written its name yet.
      if (!hold) return (await holds.holder(key)) ?? { owner: 'another process', since: at };
      try {
        if (hold.leftBy !== undefined) await db.run(FREE_PLACES, [hold.leftBy, connectionName(target)]);
      } catch (error) {
        await hold.release();
        throw error;
      }
      const name = key.join('\0');
      own.set(name, hold);
      return {
        release: async () => {
          own.delete(name);
          await hold.release();
        },
      };
    },
  };
}

const keyOf = (target: SyncTarget) => ['sync', ...targetValues(target)];
