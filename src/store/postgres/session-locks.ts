import type { PostgresDatabase, Queries } from './database.ts';
import { type Client, endClient } from './driver.ts';
import { lockNumber } from './lock-number.ts';

/** Locks that die with their process: as soon as its connection is closed, and within about 20 seconds where its host is cut off. */
export interface SessionLocks {
  /** Undefined when anybody else has it, here or elsewhere. `key` has any text in it. */
  take(key: readonly string[]): Promise<SessionLock | undefined>;
  close(): Promise<void>;
}

export interface SessionLock {
  /** Statements of the session that has the lock: what they did was done by its holder, and once it is lost they fail. */
  readonly session: Queries;
  /** False once the connection that carried it is gone: somebody else may have it by now. */
  held(): boolean;
  /** A second call does nothing. */
  release(): Promise<void>;
}

interface Session {
  readonly client: Client;
  readonly queries: Queries;
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
    return { client, queries: db.on(client), taken: new Set(), lost: false };
  }

  async function session(): Promise<Session> {
    if (opening) return opening;
    const own = open();
    opening = own;
    // The end of this session must not take away the one that has come after it.
    const forget = () => {
      if (opening === own) opening = undefined;
    };
    try {
      const opened = await own;
      const ended = () => {
        opened.lost = true;
        forget();
      };
      opened.client.on('error', ended).on('end', ended);
      return opened;
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    async take(key) {
      const number = lockNumber(key);
      const own = await session();
      const { taken, queries } = own;
      if (taken.has(number)) return undefined;
      taken.add(number);
      // Where the connection breaks meanwhile, the lock is gone with it.
      const unlock = async () => {
        taken.delete(number);
        await queries.row('SELECT pg_advisory_unlock($1::bigint)', [number]).catch(() => {});
      };
      try {
        const sql = 'SELECT pg_try_advisory_lock($1::bigint) AS got';
        if (!(await queries.row<{ got: boolean }>(sql, [number]))?.got) {
          taken.delete(number);
          return undefined;
        }
      } catch (error) {
        // A statement that was given up may have taken it all the same.
        await unlock();
        throw error;
      }
      let released = false;
      return {
        session: queries,
        held: () => !own.lost,
        release: async () => {
          if (released) return;
          released = true;
          await unlock();
        },
      };
    },
    async close() {
      const closing = await opening?.catch(() => undefined);
      opening = undefined;
      if (closing) await endClient(closing.client).catch(() => {});
    },
  };
}
