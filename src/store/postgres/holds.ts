import { LwiError } from '../../errors.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import type { SessionLocks } from './session-locks.ts';

/** A right that one process has at a time. */
export interface Hold {
  readonly name: string;
  /** Grows each time that somebody takes the right; whoever writes under it says which one is his. */
  readonly generation: number;
  /** Who had it before and has not given it back: whoever that was is dead, or cut off. */
  readonly leftBy: string | undefined;
  /** False once the connection that carried it is gone: somebody else may have it by now. */
  held(): boolean;
  /** Takes the lock again whose connection has broken. False: another one was quicker, and the right is lost. */
  keep(): Promise<boolean>;
  release(): Promise<void>;
}

/** Who has a right, as it was last noted. */
export interface Holder {
  readonly owner: string;
  /** ms since the epoch. */
  readonly since: number;
}

export interface Holds {
  /** Undefined when another one has it. */
  take(key: readonly string[], owner: string, at: number): Promise<Hold | undefined>;
  holder(key: readonly string[]): Promise<Holder | undefined>;
}

/** The name that was there before is read before it is written over. */
const TAKE = `
WITH before AS (SELECT owner FROM holds WHERE name = $1)
INSERT INTO holds (name, generation, owner, since) VALUES ($1, 1, $2, $3)
ON CONFLICT (name) DO UPDATE SET generation = holds.generation + 1, owner = excluded.owner, since = excluded.since
RETURNING generation, (SELECT owner FROM before) AS "leftBy"`;

const FORGET = 'UPDATE holds SET owner = NULL WHERE name = $1 AND generation = $2';

/**
 * Rights that die with their process: a lock of the session says whether somebody has one, and a generation in the table `holds` keeps out whoever had it
 * before and does not know yet that he has lost it, because his host was cut off or stood still.
 */
export function holdsTable(db: PostgresDatabase, locks: SessionLocks): Holds {
  return {
    async take(key, owner, at) {
      let lock = await locks.take(key);
      if (!lock) return undefined;
      const name = nameOf(key);
      try {
        // By the session that has the lock, so that nobody counts up who has lost it meanwhile.
        const row = await lock.session.row<{ generation: number; leftBy: string | null }>(TAKE, [name, owner, at]);
        const generation = row?.generation ?? 0;
        return {
          ...{ name, generation, leftBy: row?.leftBy ?? undefined },
          held: () => lock?.held() ?? false,
          keep: async () => {
            if (!lock?.held()) lock = await locks.take(key);
            return lock !== undefined;
          },
          release: async () => {
            // Whose it was is for people only, and must not hide what came of the work.
            await db.run(FORGET, [name, generation]).catch(() => {});
            await lock?.release();
          },
        };
      } catch (error) {
        await lock.release();
        throw error;
      }
    },

    holder: async (key) =>
      db.row<Holder>('SELECT owner, since FROM holds WHERE name = $1 AND owner IS NOT NULL', [nameOf(key)]),
  };
}

/** Refuses to write under a right that somebody else has taken meanwhile, and lets nobody take it until the transaction ends. Throws STORE_LOCKED. */
export async function assertHeld(tx: Queries, { name, generation }: Pick<Hold, 'name' | 'generation'>): Promise<void> {
  const sql = 'SELECT 1 AS held FROM holds WHERE name = $1 AND generation = $2 FOR SHARE';
  if (await tx.row(sql, [name, generation])) return;
  throw new LwiError('STORE_LOCKED', 'Another process has taken this work over meanwhile. Nothing was stored.');
}

/** Unlike a NUL, this character may stand in a text of PostgreSQL, and in no id of lwi. */
const nameOf = (key: readonly string[]) => key.join('\u001f');
