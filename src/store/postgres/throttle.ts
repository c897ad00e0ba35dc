import type { PermitAsk, PermitStore } from '../permits.ts';
import { sameNumbers } from '../throttle/bucket.ts';
import { land } from '../throttle/landing.ts';
import { hold, look, renew, rulesOf, take, UNLIMITED } from '../throttle/take.ts';
import { limitState } from '../throttle/view.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';
import { bookkeeping } from './throttle-batch.ts';
import { bookQueue } from './throttle-queue.ts';
import { bucketState, openBooks, throttleReading, timeOf } from './throttle-reading.ts';

/** Nobody waits for the disk with these: what is lost of them is asked again. */
const LIGHTLY = `set_config('synchronous_commit', 'off', true)`;
const KEEP = `
WITH kept AS (UPDATE throttle_waiters SET asks_at = $2 WHERE ticket = $1 RETURNING 1)
SELECT (SELECT count(*) FROM kept) AS kept, ${LIGHTLY}`;
const LEAVE = `WITH gone AS (DELETE FROM throttle_waiters WHERE ticket = $1) SELECT ${LIGHTLY}`;

/**
 * Permits of all processes on all machines: tables `throttle_*`. A permit is given at a time of
 * the database; the way of its answer is part of the time until the request lands, and so of the doubt about when the provider has counted it.
 */
export function throttleTables(
  db: PostgresDatabase,
  clock: DatabaseClock,
  options: { now(): number },
): PermitStore & { flushPermits(): Promise<void> } {
  const sample = () => clock.sample() ?? performance.now();
  const { looked, whole } = throttleReading(clock);
  const queue = bookQueue(bookkeeping(db, clock, sample));

  async function heldFor(scope: string): Promise<number> {
    const wanted = { buckets: [], scopes: [scope], rules: [UNLIMITED.name], asks: 0 };
    const reading = await looked(db, wanted);
    const [row] = reading.buckets;
    return row ? Math.max(0, row.hold_until - timeOf(reading, scope)) : 0;
  }

  async function glance(ask: PermitAsk & { ticket: number }) {
    const names = ask.rules.map(({ name }) => name);
    const wanted = { buckets: [], scopes: names.map(() => ask.scope), rules: names, asks: 1 };
    const reading = await looked(db, wanted);
    const states = reading.buckets.map(bucketState);
    const known = ask.rules.flatMap((rule) => {
      const state = states.find((each) => sameNumbers(each.rule, rule));
      return state ? { ...state, rule } : [];
    });
    const seen = look(openBooks(reading), ask, known, timeOf(reading, ask.scope));
    if (seen?.keepUntil === undefined) return seen?.answer;
    const row = await db.row<{ kept: number }>(KEEP, [ask.ticket, seen.keepUntil]);
    return row?.kept === 1 ? seen.answer : undefined;
  }

  return {
    takePermit: async (ask) => {
      // Where nothing limits, only a hold could: no writing for that.
      if (ask.rules.length === 0 && (await heldFor(ask.scope)) === 0)
        return { permit: { scope: ask.scope, places: [] } };
      const { scope, ticket } = ask;
      const seen = ticket === undefined || queue.some() ? undefined : await glance({ ...ask, ticket });
      return seen ?? queue.add({ scope, rules: rulesOf(ask.rules), buckets: [], run: (books) => take(books, ask) });
    },

    leaveQueue: async (ticket) => {
      await db.row(LEAVE, [ticket]);
    },

    renewPermit: (permit, ttlMs) =>
      queue.add({
        ...{ scope: permit.scope, rules: [], buckets: permit.places.map(({ bucket }) => bucket) },
        run: (books) => renew(books, permit, ttlMs),
      }),

    settlePermit: async (permit, landing) => {
      if (permit.places.length === 0) return;
      const [landedAt, saidAt] = [sample(), Math.floor(options.now())];
      await queue.addLanding({
        ...{ scope: permit.scope, rules: [], buckets: permit.places.map(({ bucket }) => bucket) },
        // The database tells its time after it was asked for, never before: a landing is dated late by the way there at most.
        run: (books, askedAt) =>
          land(books, permit, landing, { at: books.now(permit.scope) - (askedAt - landedAt), saidAt }),
      });
    },

    flushPermits: () => queue.flush(),

    holdPermits: (scope, rules, forMs) =>
      queue.add({ scope, rules: rulesOf(rules), buckets: [], run: (books) => hold(books, scope, rules, forMs) }),

    limitStates: async (scopes) => {
      const reading = await whole(db, { buckets: [], scopes, rules: [], asks: 0 });
      const books = openBooks(reading);
      return scopes.flatMap((scope) => {
        const now = timeOf(reading, scope);
        const rows = reading.buckets.filter((row) => row.scope === scope);
        return rows.map((row) => {
          const state = bucketState(row);
          const { permits, perMs } = state.rule;
          const slots = books.slots(state);
          let used = 0;
          for (let slot = 0; slot < permits && slot < state.sent; slot++) {
            if ((slots(slot)?.countedAt ?? Number.NEGATIVE_INFINITY) > now - perMs) used += 1;
          }
          const said = row.said === null ? undefined : { ...row.said, at: row.said_at ?? 0 };
          return limitState(books, state, { used, said }, now);
        });
      });
    },

    liftHolds: async (scope) => {
      // Rows are locked in the order of `throttleReading`, so that neither waits for the other.
      const sql = `
        WITH held AS (
          SELECT bucket FROM throttle_buckets WHERE scope = $1 AND greatest(hold_until, quota_until) >
            ${clock.sql(2)} + coalesce((SELECT ahead FROM throttle_scopes WHERE scope = $1), 0)
          ORDER BY bucket FOR UPDATE)
        UPDATE throttle_buckets b SET hold_until = 0, quota_until = 0 FROM held WHERE b.bucket = held.bucket`;
      return db.run(sql, [scope, clock.sample()]);
    },
  };
}
