import type { LimitRule } from '../../providers/provider.ts';
import type { PermitAnswer, PermitAsk, PermitStore } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';
import { afterSend } from './permit-schedule.ts';
import { type BucketState, type Flight, findBucket, inFlight, notePermit } from './throttle-bucket.ts';
import { type Buckets, inBuckets } from './throttle-buckets.ts';
import { throttleClock } from './throttle-clock.ts';
import { landingQueue } from './throttle-landing.ts';
import { forgetWaiters, keepPlace, leavePlace, placeUntil } from './throttle-queue.ts';
import { turnOf } from './throttle-turn.ts';
import { limitStates } from './throttle-view.ts';

/** Permits of all processes: tables `throttle_*`. */
export function throttleTables(
  db: SqliteDatabase,
  options: SqliteStoreOptions,
): PermitStore & { flushPermits(): Promise<void> } {
  const clock = throttleClock(db, options);
  const landings = landingQueue(db, clock, options.now);
  /** What has landed here is known to whatever is asked next. */
  const write = <T>(work: (buckets: Buckets) => T) =>
    inBuckets(db, (buckets) => {
      landings.write(buckets);
      return work(buckets);
    });

  function take(buckets: Buckets, ask: PermitAsk): PermitAnswer {
    const now = clock.tell();
    const rules = ask.rules.length > 0 ? ask.rules : [UNLIMITED];
    const states = rules.map((rule) => buckets.of(ask.scope, rule));
    const { go, ...turn } = turnOf(db, ask, states, now);
    if (go) {
      if (ask.ticket !== undefined) leavePlace(db, ask.ticket);
      return {
        permit: { scope: ask.scope, places: states.map((state) => give(buckets, state, ask, now)) },
      };
    }
    forgetWaiters(db, ask.scope, now);
    return { ...turn, ticket: keepPlace(db, { ...ask, rules }, now + placeMs(turn)) };
  }

  /** Those who wait for a landing look often. They only look, so that they are not in the way of those who write, as long as their place is theirs. */
  function look(ask: PermitAsk & { ticket: number }): PermitAnswer | undefined {
    const now = clock.peek();
    const states = ask.rules.flatMap((rule) => findBucket(db, ask.scope, rule) ?? []);
    if (states.length < ask.rules.length || states.length === 0) return undefined;
    const { go, ...turn } = turnOf(db, ask, states, now);
    const kept = !go && turn.crowded && placeUntil(db, ask.ticket) >= now + turn.askInMs;
    return kept ? { ...turn, ticket: ask.ticket } : undefined;
  }

  function give(buckets: Buckets, state: BucketState, { ttlMs, owner }: PermitAsk, now: number) {
    const { id, sent, quotaLeft } = state;
    notePermit(db, state, sent, now, false);
    const flights: Flight[] = [...inFlight(state, now), [sent, now, now + ttlMs, owner]];
    const theoreticalArrival = afterSend(state.rule, state, now);
    buckets.put({ ...state, theoreticalArrival, quotaLeft: Math.max(0, quotaLeft - 1), sent: sent + 1, flights });
    return { bucket: id, sent };
  }

  return {
    takePermit: async (ask) => {
      // Where nothing limits, only a hold could: no writing for that.
      if (ask.rules.length === 0) {
        const held = await db.read(() => heldFor(db, ask.scope, clock.peek()));
        if (held === 0) return { permit: { scope: ask.scope, places: [] } };
      }
      const { ticket } = ask;
      const seen = ticket === undefined || landings.some() ? undefined : await db.read(() => look({ ...ask, ticket }));
      return seen ?? write((buckets) => take(buckets, ask));
    },

    leaveQueue: (ticket) => db.writeLightly(() => leavePlace(db, ticket)),

    renewPermit: ({ places }, ttlMs) =>
      write((buckets) => {
        const ends = clock.tell() + ttlMs;
        for (const { bucket, sent } of places) {
          const state = buckets.withId(bucket);
          const renewed = (flight: Flight): Flight =>
            flight[0] === sent ? [sent, flight[1], ends, flight[3]] : flight;
          if (state) buckets.put({ ...state, flights: state.flights.map(renewed) });
        }
      }),

    settlePermit: async (permit, landing) => {
      if (permit.places.length > 0) await landings.add(permit, landing);
    },

    flushPermits: () => landings.flush(),

    holdPermits: (scope, rules, forMs) =>
      write((buckets) => {
        const until = clock.tell() + forMs;
        for (const rule of rules.length > 0 ? rules : [UNLIMITED]) {
          const state = buckets.of(scope, rule);
          buckets.put({ ...state, holdUntil: Math.max(state.holdUntil, until) });
        }
      }),

    limitStates: (scopes) => db.read(() => limitStates(db, scopes, clock.peek())),

    liftHolds: (scope) =>
      db.writeLightly(() => {
        const sql =
          'UPDATE throttle_buckets SET hold_until = 0, quota_until = 0 WHERE scope = ? AND max(hold_until, quota_until) > ?';
        return db.statement(sql).run(scope, clock.tell()).changes;
      }),
  };
}

/** How long a place is kept without being asked for, ms. */
const placeMs = ({ askInMs, crowded }: { askInMs: number; crowded: boolean }) =>
  crowded ? Math.max(200, askInMs) : askInMs;

/** Stands for the scope where no rule limits it, so that a hold can be kept. */
const UNLIMITED: LimitRule = { name: '', permits: 1_000_000, perMs: 1000, burst: 1_000_000, concurrency: 1_000_000 };

function heldFor(db: SqliteDatabase, scope: string, now: number): number {
  const sql = 'SELECT hold_until FROM throttle_buckets WHERE scope = ? AND rule = ?';
  return Math.max(0, (db.statement<{ hold_until: number }>(sql).get(scope, UNLIMITED.name)?.hold_until ?? 0) - now);
}
