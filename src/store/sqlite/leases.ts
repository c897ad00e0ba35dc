import type { Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

interface Row {
  readonly owner: string;
  readonly expires_at: number;
}

const TAKE = `
INSERT INTO leases (name, owner, ttl_ms, expires_at) VALUES (:name, :owner, :ttl, :now + :ttl)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ttl_ms = excluded.ttl_ms, expires_at = excluded.expires_at
WHERE owner = excluded.owner OR expires_at <= :now`;

/**
 * A lease that ends later than a fresh one would was taken before the clock went back. It is cut to one full term from now:
 * a living holder renews it in that time, a dead one blocks no longer than it would have.
 */
const CUT = 'UPDATE leases SET expires_at = :now + ttl_ms WHERE name = :name AND expires_at > :now + ttl_ms';

/** Who may act alone, and until when: table `leases`. */
export function leasesTable(db: SqliteDatabase): Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'> {
  return {
    acquireLease: (name, owner, ttlMs, now) =>
      db.write(() => {
        if (db.statement(TAKE).run({ name, owner, ttl: ttlMs, now }).changes === 1) return undefined;
        db.statement(CUT).run({ name, now });
        const holder = db.statement<Row>('SELECT owner, expires_at FROM leases WHERE name = ?').get(name);
        return holder && { owner: holder.owner, expiresAt: holder.expires_at };
      }),

    // An expired lease that nobody took is still its owner's: nothing happened in between.
    renewLease: (name, owner, ttlMs, now) =>
      db.write(
        () =>
          db
            .statement(
              'UPDATE leases SET ttl_ms = :ttl, expires_at = :now + :ttl WHERE name = :name AND owner = :owner',
            )
            .run({ name, owner, ttl: ttlMs, now }).changes === 1,
      ),

    releaseLease: (name, owner) =>
      db.write(() => {
        db.statement('DELETE FROM leases WHERE name = ? AND owner = ?').run(name, owner);
      }),
  };
}
