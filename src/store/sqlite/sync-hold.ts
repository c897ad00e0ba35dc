import { connectionName } from '../../connection.ts';
import type { SyncHolder, SyncTables } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';
import { lockFile } from './lock-file.ts';

const NOTE = `
INSERT INTO sync_holders (account_id, provider, external_id, owner, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET owner = excluded.owner, since = excluded.since`;

/** What a holder that was killed had in flight keeps nobody waiting: its requests still count, their places are free. */
const FREE_PLACES = `
UPDATE throttle_buckets SET flights = (
  SELECT json_group_array(json(flight.value)) FROM json_each(flights) AS flight WHERE flight.value ->> 3 IS NOT :owner)
WHERE scope = :scope`;

const FORGET = `
DELETE FROM sync_holders WHERE account_id = ? AND provider = ? AND external_id = ? AND owner = ?`;

const HOLDER = 'SELECT owner, since FROM sync_holders WHERE account_id = ? AND provider = ? AND external_id = ?';

/**
 * The right to sync a connection is a lock that the system takes back when its process dies, however it dies; who has it is only noted in the table
 * `sync_holders`, for people.
 */
export function syncHolds(db: SqliteDatabase): Pick<SyncTables, 'holdSync'> {
  return {
    holdSync: async (target, owner, at) => {
      const key = [target.account, target.provider, target.externalId] as const;
      const unlock = lockFile(lockPath(db.path, 'sync', key));
      if (!unlock) {
        const holder = await db.read(() => db.statement<SyncHolder>(HOLDER).get(...key));
        // Whoever has the lock may not have written its name yet.
        return holder ?? { owner: 'another process', since: at };
      }
      try {
        await db.write(() => {
          // Whoever gave it back has left no name.
          const dead = db.statement<SyncHolder>(HOLDER).get(...key);
          if (dead) db.statement(FREE_PLACES).run({ owner: dead.owner, scope: connectionName(target) });
          db.statement(NOTE).run(...key, owner, at);
        });
      } catch (error) {
        unlock();
        throw error;
      }
      return {
        release: async () => {
          try {
            await db.write(() => db.statement(FORGET).run(...key, owner));
          } finally {
            unlock();
          }
        },
      };
    },
  };
}

/** Beside the database, under a name that no account or company can break out of. */
export function lockPath(database: string, what: 'sync' | 'inbox' | 'forward', key: readonly string[]): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const name = createHash('sha256').update(key.join('\0')).digest('hex').slice(0, 16);
  return `${database}-${what}-${name}`;
}
