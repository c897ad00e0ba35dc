import type { LimitRule } from '../../providers/provider.ts';
import type { Landing, PermitAnswer, PermitAsk, PermitStore, QuotaLeft } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqliteStoreOptions } from './open.ts';
import { afterSend, arrivalDoubt } from './permit-schedule.ts';
import {
  type BucketRow,
  type BucketState,
  findBucket,
  loadBucket,
  notePermit,
  ruleOf,
  saveBucket,
  stateOf,
} from './throttle-bucket.ts';
import { throttleClock } from './throttle-clock.ts';
import { forgetWaiters, keepPlace, leavePlace, placeUntil } from './throttle-queue.ts';
import { flights, turnOf } from './throttle-turn.ts';
import { limitStates } from './throttle-view.ts';

/** The least latency is that of between one and two hundred requests, so that it follows a provider that has become slower. */
const LATENCIES = 100;
/** Two readings of the provider's quota are of the same window when their ends lie no further apart, ms: headers have whole seconds. */
const SAME_WINDOW_MS = 2000;

/** Permits of all processes: tables `throttle_*`. */
export function throttleTables(db: SqliteDatabase, options: SqliteStoreOptions): PermitStore {
  const clock = throttleClock(db, options);
  const inFlight = (bucket: number, now: number) => flights(db, bucket, now).count;

  function take(ask: PermitAsk): PermitAnswer {
    const now = clock.tell();
    const rules = ask.rules.length > 0 ? ask.rules : [UNLIMITED];
    const states = rules.map((rule) => loadBucket(db, ask.scope, rule));
    const { go, ...turn } = turnOf(db, ask, states, now);
    if (go) {
      if (ask.ticket !== undefined) leavePlace(db, ask.ticket);
      return { permit: { scope: ask.scope, places: states.map((state) => give(state, now, ask.ttlMs)) } };
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

  function give(state: BucketState, now: number, ttlMs: number) {
    const { id, sent, quotaLeft } = state;
    notePermit(db, state, sent, now, false);
    db.statement('DELETE FROM throttle_flights WHERE bucket = ? AND ends_at <= ?').run(id, now);
    db.statement('INSERT INTO throttle_flights (bucket, sent, began_at, ends_at) VALUES (?, ?, ?, ?)').run(
      ...[id, sent, now, now + ttlMs],
    );
    const theoreticalArrival = afterSend(state.rule, state, now);
    saveBucket(db, { ...state, theoreticalArrival, quotaLeft: Math.max(0, quotaLeft - 1), sent: sent + 1 });
    return { bucket: id, sent };
  }

  /** The bucket learns when the request landed and what the provider said. */
  function land(row: BucketRow, sent: number, now: number, { answered, left }: Landing): void {
    const rule = ruleOf(row);
    const state = stateOf(row, rule);
    const flight = 'SELECT began_at FROM throttle_flights WHERE bucket = ? AND sent = ?';
    const began = db.statement<{ began_at: number }>(flight).get(state.id, sent)?.began_at;
    db.statement('DELETE FROM throttle_flights WHERE bucket = ? AND sent = ?').run(state.id, sent);
    if (!answered && state.sent - sent <= rule.permits) notePermit(db, state, sent, now, false);
    const timed = answered && began !== undefined ? learned(state, sent, began, now - began) : state;
    saveBucket(db, quotaAfter(timed, left, now));
    if (left) {
      const sql = 'UPDATE throttle_buckets SET said = ?, said_at = ? WHERE bucket = ?';
      db.statement(sql).run(JSON.stringify(left), Math.floor(options.now()), state.id);
    }
  }

  /** When the provider may have counted it; and how quick it was. */
  function learned(state: BucketState, sent: number, began: number, latency: number): BucketState {
    const { rule, least, leastBefore } = state;
    // What the first ones took says nothing yet: processes start, connections are made.
    const quickest = leastBefore === undefined ? 0 : Math.min(leastBefore, least ?? leastBefore);
    const doubt = arrivalDoubt(rule, latency, quickest);
    // Its place may have been given to another one meanwhile.
    if (state.sent - sent <= rule.permits) notePermit(db, state, sent, began + doubt, true);
    if (sent % LATENCIES === LATENCIES - 1) return { ...state, least: latency, leastBefore: least };
    return { ...state, least: Math.min(latency, least ?? latency) };
  }

  /** What other requests in flight will still take is not ours to give; readings may come out of order, and the least of a window counts. */
  function quotaAfter(state: BucketState, left: QuotaLeft | undefined, now: number): BucketState {
    const { rule, id, quotaLeft, quotaUntil } = state;
    if (left?.remaining === undefined) return state;
    const remaining = Math.max(0, left.remaining - inFlight(id, now));
    // Without a time of renewal there is only the pace of the rule to go by.
    const until = now + (left.resetMs ?? rule.perMs / rule.permits);
    const same = quotaUntil > now && Math.abs(quotaUntil - until) <= SAME_WINDOW_MS;
    return {
      ...state,
      quotaLeft: same ? Math.min(quotaLeft, remaining) : remaining,
      quotaUntil: same ? Math.max(quotaUntil, until) : until,
    };
  }

  const row = (bucket: number) =>
    db.statement<BucketRow>('SELECT * FROM throttle_buckets WHERE bucket = ?').get(bucket);

  return {
    takePermit: async (ask) => {
      // Where nothing limits, only a hold could: no writing for that.
      if (ask.rules.length === 0) {
        const held = await db.read(() => heldFor(db, ask.scope, clock.peek()));
        if (held === 0) return { permit: { scope: ask.scope, places: [] } };
      }
      const { ticket } = ask;
      const seen = ticket === undefined ? undefined : await db.read(() => look({ ...ask, ticket }));
      return seen ?? db.writeLightly(() => take(ask));
    },

    leaveQueue: (ticket) => db.writeLightly(() => leavePlace(db, ticket)),

    renewPermit: ({ places }, ttlMs) =>
      db.writeLightly(() => {
        const ends = clock.tell() + ttlMs;
        const sql = 'UPDATE throttle_flights SET ends_at = ? WHERE bucket = ? AND sent = ?';
        for (const { bucket, sent } of places) db.statement(sql).run(ends, bucket, sent);
      }),

    settlePermit: async ({ places }, landing) => {
      if (places.length === 0) return;
      await db.writeLightly(() => {
        const now = clock.tell();
        for (const { bucket, sent } of places) {
          const found = row(bucket);
          if (found) land(found, sent, now, landing);
        }
      });
    },

    holdPermits: (scope, rules, forMs) =>
      db.writeLightly(() => {
        const until = clock.tell() + forMs;
        for (const rule of rules.length > 0 ? rules : [UNLIMITED]) {
          const state = loadBucket(db, scope, rule);
          saveBucket(db, { ...state, holdUntil: Math.max(state.holdUntil, until) });
        }
      }),

    limitStates: (scopes) => db.read(() => limitStates(db, scopes, clock.peek(), inFlight)),

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
