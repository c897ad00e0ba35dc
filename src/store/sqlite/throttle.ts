import type { PermitAsk, PermitStore } from '../permits.ts';
import type { Books } from '../throttle/books.ts';
import { hold, look, renew, take, UNLIMITED } from '../throttle/take.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';
import { inBooks, leavePlace, openBooks } from './throttle-books.ts';
import { findBucket } from './throttle-bucket.ts';
import { throttleClock } from './throttle-clock.ts';
import { landingQueue } from './throttle-landing.ts';
import { limitStates } from './throttle-view.ts';

const LIFT = `
UPDATE throttle_buckets SET hold_until = 0, quota_until = 0 WHERE scope = ? AND max(hold_until, quota_until) > ?`;

/** Permits of all processes: tables `throttle_*`. */
export function throttleTables(
  db: SqliteDatabase,
  options: SqliteStoreOptions,
): PermitStore & { flushPermits(): Promise<void> } {
  const clock = throttleClock(db, options);
  const landings = landingQueue(db, clock, options.now);
  /** What has landed here is known to whatever is asked next. */
  const write = <T>(work: (books: Books) => T) =>
    inBooks(db, clock, (books) => {
      landings.write(books);
      return work(books);
    });
  const glance = (ask: PermitAsk & { ticket: number }) => {
    const states = ask.rules.flatMap((rule) => findBucket(db, ask.scope, rule) ?? []);
    const seen = look(openBooks(db), ask, states, clock.peek());
    return seen?.keepUntil === undefined ? seen?.answer : undefined;
  };

  return {
    takePermit: async (ask) => {
      // Where nothing limits, only a hold could: no writing for that.
      if (ask.rules.length === 0) {
        const held = await db.read(() => heldFor(db, ask.scope, clock.peek()));
        if (held === 0) return { permit: { scope: ask.scope, places: [] } };
      }
      const { ticket } = ask;
      const seen =
        ticket === undefined || landings.some() ? undefined : await db.read(() => glance({ ...ask, ticket }));
      return seen ?? write((books) => take(books, ask));
    },

    leaveQueue: (ticket) => db.writeLightly(() => leavePlace(db, ticket)),

    renewPermit: (permit, ttlMs) => write((books) => renew(books, permit, ttlMs)),

    settlePermit: async (permit, landing) => {
      if (permit.places.length > 0) await landings.add(permit, landing);
    },

    flushPermits: () => landings.flush(),

    holdPermits: (scope, rules, forMs) => write((books) => hold(books, scope, rules, forMs)),

    limitStates: (scopes) => db.read(() => limitStates(db, scopes, clock.peek())),

    liftHolds: (scope) => db.writeLightly(() => db.statement(LIFT).run(scope, clock.tell()).changes),
  };
}

function heldFor(db: SqliteDatabase, scope: string, now: number): number {
  const sql = 'SELECT hold_until FROM throttle_buckets WHERE scope = ? AND rule = ?';
  return Math.max(0, (db.statement<{ hold_until: number }>(sql).get(scope, UNLIMITED.name)?.hold_until ?? 0) - now);
}
