import type { Lease, Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';

interface Row {
  readonly owner: string;
  readonly ends_in: number;
}

/**
 * Whether a lease is over, and how long it lasts: by the clock of the boot in which it was taken, which nobody sets; after a restart, or where
 * there is no such clock, by the wall clock.
 */
const ENDS_IN = 'iif(boot IS NOT NULL AND boot = :boot, up_expires_at - :up, expires_at - :now)';

const TAKE = `
INSERT INTO leases (name, owner, ttl_ms, expires_at, boot, up_expires_at)
VALUES (:name, :owner, :ttl, :now + :ttl, :boot, :up + :ttl)
ON CONFLICT (name) DO UPDATE SET
  owner = excluded.owner, ttl_ms = excluded.ttl_ms, expires_at = excluded.expires_at,
  boot = excluded.boot, up_expires_at = excluded.up_expires_at
WHERE owner = excluded.owner OR ${ENDS_IN} <= 0`;

const RENEW = `
UPDATE leases SET ttl_ms = :ttl, expires_at = :now + :ttl, boot = :boot, up_expires_at = :up + :ttl
WHERE name = :name AND owner = :owner`;

const HELD = `SELECT owner, ${ENDS_IN} AS ends_in FROM leases WHERE name = :name`;

/**
 * A lease that ends later than a fresh one would was taken before the wall clock went back. It is cut to one full term from now:
 * a living holder renews it in that time, a dead one blocks no longer than it would have.
 */
const CUT = 'UPDATE leases SET expires_at = :now + ttl_ms WHERE name = :name AND expires_at > :now + ttl_ms';

/** Who may act alone, and until when: table `leases`. */
export function leasesTable(
  db: SqliteDatabase,
  { now, uptime }: SqliteStoreOptions,
): Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'> {
  const time = () => {
    const up = uptime?.();
    return { now: now(), boot: up?.boot, up: up && Math.floor(up.ms) };
  };
  /** Who else has it. */
  const holder = (name: string, owner: string): Lease | undefined => {
    const held = db.statement<Row>(HELD).get({ name, ...time() });
    return held && held.owner !== owner && held.ends_in > 0 ? { owner: held.owner, endsInMs: held.ends_in } : undefined;
  };
  return {
    acquireLease: async (name, owner, ttlMs) => {
      // Those who wait look often; only who may get it asks for the write lock.
      const busy = await db.read(() => holder(name, owner));
      if (busy && busy.endsInMs <= ttlMs) return busy;
      return db.write(() => {
        if (db.statement(TAKE).run({ name, owner, ttl: ttlMs, ...time() }).changes === 1) return undefined;
        db.statement(CUT).run({ name, now: now() });
        return holder(name, owner);
      });
    },

    // An expired lease that nobody took is still its owner's: nothing happened in between.
    renewLease: (name, owner, ttlMs) =>
      db.write(() => db.statement(RENEW).run({ name, owner, ttl: ttlMs, ...time() }).changes === 1),

    releaseLease: (name, owner) =>
      db.write(() => {
        db.statement('DELETE FROM leases WHERE name = ? AND owner = ?').run(name, owner);
      }),
  };
}
