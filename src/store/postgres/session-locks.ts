import type { PostgresDatabase } from './database.ts';
import type { Client } from './driver.ts';
import { lockNumber } from './lock-number.ts';

/** Locks that die with their process: as soon as its connection is closed, and within about 20 seconds where its host is cut off. */
export interface SessionLocks {
  /** Undefined when anybody else has it, here or elsewhere. `key` has any text in it. */
  take(key: readonly string[]): Promise<SessionLock | undefined>;
  close(): Promise<void>;
}

export interface SessionLock {
  /** False once the connection that carried it is gone: somebody else may have it by now. */
  held(): boolean;
  release(): Promise<void>;
}

interface Session {
  readonly client: Client;
  /** What this process has; the server lets one session take a lock again and again. */
  readonly taken: Set<string>;
  lost: boolean;
}

/**
 * Session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS) on a connection of their own, which is made for
 * the first one, and again for the next one after it has broken.
 */
export function sessionLocks(db: PostgresDatabase): SessionLocks {
  let opening: Promise<Session> | undefined;

  async function open(): Promise<Session> {
    const client = await db.session();
    const session: Session = { client, taken: new Set(), lost: false };
    const ended = () => {
      session.lost = true;
      opening = undefined;
    };
    client.on('error', ended).on('end', ended);
    return session;
  }

  async function session(): Promise<Session> {
    opening ??= open();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  }

  return {
    async take(key) {
      const number = lockNumber(key);
      const own = await session();
      const { taken, client } = own;
      if (taken.has(number)) return undefined;
      taken.add(number);
      let got = false;
      try {
        const sql = 'SELECT pg_try_advisory_lock($1::bigint) AS got';
        got = (await db.on(client).row<{ got: boolean }>(sql, [number]))?.got ?? false;
      } finally {
        if (!got) taken.delete(number);
      }
      if (!got) return undefined;
      return {
        held: () => !own.lost,
        release: async () => {
          if (own.lost) return;
          taken.delete(number);
          // Where the connection breaks meanwhile, the lock is gone with it.
          await db
            .on(client)
            .row('SELECT pg_advisory_unlock($1::bigint)', [number])
            .catch(() => {});
        },
      };
    },
    async close() {
      const closing = await opening?.catch(() => undefined);
      opening = undefined;
      await closing?.client.end().catch(() => {});
    },
  };
}
