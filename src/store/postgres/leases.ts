import { LwiError } from '../../errors.ts';
import type { Lease, Store } from '../store.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';

interface Taken {
  readonly taken: boolean;
  readonly owner: string | null;
  readonly endsInMs: number | null;
  readonly ttlMs: number | null;
}

/** How often a lease is asked for that others make, end and take in the same moment. */
const ATTEMPTS = 10;

const PARAMETERS = { name: 1, owner: 2, ttl: 3, time: 4 } as const;

/**
 * Who may act alone, and until when, by the clock of the database: table `leases`. One statement for each step. A lease lasts one full term after a start of
 * the server at least: its holder could not renew it while the server was away, and may have a token in hand that nobody else has.
 */
export function leasesTable(
  db: PostgresDatabase,
  clock: DatabaseClock,
): Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'> {
  const now = `(SELECT floor(${clock.sql(PARAMETERS.time)})::bigint AS now, floor(${clock.startedSql(PARAMETERS.time)})::bigint AS started)`;
  const endsAt = 'greatest(held.expires_at, moment.started + held.ttl_ms)';
  // Those who wait look often: where another one has it, this reads and locks nothing.
  const take = `
    WITH moment AS MATERIALIZED ${now},
    taken AS (
      INSERT INTO leases AS held (name, owner, ttl_ms, expires_at)
      SELECT $1, $2, $3::bigint, now + $3::bigint FROM moment
      WHERE NOT EXISTS (SELECT FROM leases AS held WHERE held.name = $1 AND held.owner <> $2 AND ${endsAt} > moment.now)
      ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ttl_ms = excluded.ttl_ms, expires_at = excluded.expires_at
      WHERE held.owner = excluded.owner
        OR greatest(held.expires_at, (SELECT started FROM moment) + held.ttl_ms) <= (SELECT now FROM moment)
      RETURNING 1
    )
    SELECT EXISTS (SELECT FROM taken) AS taken, held.owner, ${endsAt} - moment.now AS "endsInMs", held.ttl_ms AS "ttlMs"
    FROM moment LEFT JOIN leases AS held ON held.name = $1`;
  const renew = `
    UPDATE leases SET ttl_ms = $3::bigint, expires_at = floor(${clock.sql(PARAMETERS.time)})::bigint + $3::bigint
    WHERE name = $1 AND owner = $2`;
  // One that ends later than a fresh one would was taken before the clock of the server went back: it is cut to a full term from now.
  const cut = `
    UPDATE leases SET expires_at = floor(${clock.sql(2)})::bigint + ttl_ms
    WHERE name = $1 AND expires_at > floor(${clock.sql(2)})::bigint + ttl_ms`;

  const values = (name: string, owner: string, ttlMs: number) => [name, owner, Math.floor(ttlMs), clock.sample()];

  return {
    acquireLease: async (name, owner, ttlMs): Promise<Lease | undefined> => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const row = await db.row<Taken>(take, values(name, owner, ttlMs));
        if (!row || row.taken) return undefined;
        // Nothing in sight, or one that is over: somebody took it while this statement ran.
        if (row.owner === null || row.endsInMs === null || row.ttlMs === null || row.endsInMs <= 0) continue;
        if (row.endsInMs > row.ttlMs) await db.run(cut, [name, clock.sample()]);
        return { owner: row.owner, endsInMs: Math.min(row.endsInMs, row.ttlMs) };
      }
      throw new LwiError('STORE_LOCKED', `${db.place}: too many processes ask for the same lease`);
    },

    // An expired lease that nobody took is still its owner's: nothing happened in between.
    renewLease: async (name, owner, ttlMs) => (await db.run(renew, values(name, owner, ttlMs))) === 1,

    releaseLease: async (name, owner) => {
      await db.run('DELETE FROM leases WHERE name = $1 AND owner = $2', [name, owner]);
    },
  };
}
