import { LwiError } from '../../errors.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import type { SessionLocks } from './session-locks.ts';

/** A right that one process has at a time. */
export interface Hold {
  readonly name: string;
  /** Grows each time that somebody takes the right; whoever writes under it says which one is his. */
  readonly generation: number;
  /** False once the connection that carried it is gone: somebody else may have it by now. */
  held(): boolean;
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

const TAKE = `
INSERT INTO holds (name, generation, owner, since) VALUES ($1, 1, $2, $3)
ON CONFLICT (name) DO UPDATE SET generation = holds.generation + 1, owner = excluded.owner, since = excluded.since
RETURNING generation`;

const FORGET = 'UPDATE holds SET owner = NULL WHERE name = $1 AND generation = $2';

/**
 * Rights that die with their process: a lock of the session says whether somebody has one, and a generation in the table `holds` keeps out whoever had it
 * before and does not know yet that he has lost it, because his host was cut off or stood still.
 */
export function holdsTable(db: PostgresDatabase, locks: SessionLocks): Holds {
  return {
    async take(key, owner, at) {
      const lock = await locks.take(key);
      if (!lock) return undefined;
      const name = nameOf(key);
      try {
        const row = await db.row<{ generation: number }>(TAKE, [name, owner, at]);
        const generation = row?.generation ?? 0;
        const release = async () => {
          // The name is for people; that nobody has the right, the lock says.
          await db.run(FORGET, [name, generation]).catch(() => {});
          await lock.release();
        };
        return { name, generation, held: lock.held, release };
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
