import type { LimitRule } from '../../providers/provider.ts';
import type { Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';
import { afterSend, type Bucket, earliestSend, emptyAfter, NEW_BUCKET } from './permit-schedule.ts';

interface Row {
  readonly bucket: number;
  readonly permits: number;
  readonly per_ms: number;
  readonly theoretical_arrival: number;
  readonly hold_until: number;
  readonly seen_at: number;
  readonly sent: number;
}

interface State extends Bucket {
  readonly rule: LimitRule;
  readonly bucket: number;
  /** Permits given so far: the next one takes the place `sent` modulo `permits`. */
  readonly sent: number;
  readonly seenAt: number;
}

/** Clocks read by several processes arrive slightly out of order; a step back beyond this is the clock being set. */
const OUT_OF_ORDER_MS = 1000;

/** Larger than the error of a double at today's time stamps (2^-12 ms), far below what a timer can do. */
const ROUNDING_MS = 0.01;

const ENSURE = `
INSERT INTO throttle_buckets (scope, rule, permits, per_ms, theoretical_arrival, hold_until, seen_at, sent)
VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`;
const BUCKET = 'SELECT * FROM throttle_buckets WHERE scope = ? AND rule = ?';
const SAVE = `
UPDATE throttle_buckets SET permits = ?, per_ms = ?, theoretical_arrival = ?, hold_until = ?, seen_at = ?, sent = ?
WHERE bucket = ?`;
const PERMIT = 'SELECT sent_at FROM throttle_permits WHERE bucket = ? AND slot = ?';
const LAST_PERMITS = 'SELECT sent_at FROM throttle_permits WHERE bucket = ? ORDER BY sent_at DESC LIMIT ?';
const SAVE_PERMIT = `
INSERT INTO throttle_permits (bucket, slot, sent_at) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET sent_at = excluded.sent_at`;
const SHIFT_PERMITS = 'UPDATE throttle_permits SET sent_at = sent_at + ? WHERE bucket = ?';

/** Permits of all processes: tables `throttle_buckets`, and `throttle_permits` with the last `permits` send times of each. */
export function throttleTables(db: SqliteDatabase, clock: () => number): Pick<Store, 'reservePermit' | 'holdPermits'> {
  return {
    reservePermit: (scope, rules, now) => {
      if (rules.length === 0) return db.read(() => heldFor(db, scope, now));
      const asked = clock();
      return db.write(() => {
        // Waiting for the write lock may have taken a while.
        const here = now + Math.max(0, clock() - asked);
        const states = rules.map((rule) => load(db, scope, rule, here));
        const exact = Math.max(...states.map((state) => earliestSend(state.rule, state, here)));
        // Timers take whole milliseconds and must not fire early.
        const sendAt = Math.ceil(exact - ROUNDING_MS);
        for (const state of states) {
          db.statement(SAVE_PERMIT).run(state.bucket, state.sent % state.rule.permits, exact);
          save(db, { ...state, theoreticalArrival: afterSend(state.rule, state, exact), sent: state.sent + 1 });
        }
        return Math.max(0, sendAt - here);
      });
    },

    holdPermits: (scope, rules, until) =>
      db.write(() => {
        for (const rule of rules.length > 0 ? rules : [UNLIMITED]) {
          const state = load(db, scope, rule, clock());
          save(db, { ...state, holdUntil: Math.max(state.holdUntil, Math.ceil(until)) });
        }
      }),
  };
}

/** Stands for the scope where no rule limits it, so that a hold can be kept. */
const UNLIMITED: LimitRule = { name: '', permits: 1, perMs: OUT_OF_ORDER_MS, burst: 1, concurrency: 1 };

function heldFor(db: SqliteDatabase, scope: string, now: number): number {
  const row = db.statement<Row>(BUCKET).get(scope, UNLIMITED.name);
  // Seen later than now: the clock was set back, and what was left of the hold then is what is left.
  return row === undefined ? 0 : Math.max(0, row.hold_until - Math.max(now, row.seen_at));
}

function load(db: SqliteDatabase, scope: string, rule: LimitRule, now: number): State {
  const { theoreticalArrival, holdUntil } = NEW_BUCKET;
  db.statement(ENSURE).run(scope, rule.name, rule.permits, rule.perMs, theoreticalArrival, holdUntil, Math.floor(now));
  const row = db.statement<Row>(BUCKET).get(scope, rule.name);
  if (row === undefined) throw new Error(`bucket ${scope} ${rule.name} is gone inside its transaction`);
  const state = afterClockStep(db, rule, row, now);
  if (row.permits !== rule.permits || row.per_ms !== rule.perMs) return afterRuleChange(db, rule, state);
  const oldest = db.statement<{ sent_at: number }>(PERMIT).get(row.bucket, state.sent % rule.permits);
  return { ...state, permitsAgo: oldest?.sent_at ?? NEW_BUCKET.permitsAgo };
}

/** After the clock was set back, all times of the bucket move with it: as if no time had passed since it was last seen. */
function afterClockStep(db: SqliteDatabase, rule: LimitRule, row: Row, now: number): State {
  const back = row.seen_at - now > Math.min(OUT_OF_ORDER_MS, rule.perMs) ? Math.floor(now - row.seen_at) : 0;
  if (back !== 0) db.statement(SHIFT_PERMITS).run(back, row.bucket);
  return {
    rule,
    bucket: row.bucket,
    theoreticalArrival: row.theoretical_arrival + back,
    holdUntil: row.hold_until + back,
    permitsAgo: NEW_BUCKET.permitsAgo,
    sent: row.sent,
    seenAt: back === 0 ? Math.max(row.seen_at, Math.floor(now)) : Math.floor(now),
  };
}

/** A rule with new numbers keeps the newest send times it can hold, and starts with no burst. */
function afterRuleChange(db: SqliteDatabase, rule: LimitRule, state: State): State {
  const rows = db.statement<{ sent_at: number }>(LAST_PERMITS).all(state.bucket, rule.permits);
  const times = rows.map((row) => row.sent_at).reverse();
  db.statement('DELETE FROM throttle_permits WHERE bucket = ?').run(state.bucket);
  for (const [slot, time] of times.entries()) db.statement(SAVE_PERMIT).run(state.bucket, slot, time);
  const last = times.at(-1);
  return {
    ...state,
    theoreticalArrival: last === undefined ? NEW_BUCKET.theoreticalArrival : emptyAfter(rule, last),
    permitsAgo: (times.length === rule.permits ? times[0] : undefined) ?? NEW_BUCKET.permitsAgo,
    sent: times.length,
  };
}

function save(db: SqliteDatabase, state: State): void {
  const { rule, bucket, theoreticalArrival, holdUntil, seenAt, sent } = state;
  db.statement(SAVE).run(rule.permits, rule.perMs, theoreticalArrival, holdUntil, seenAt, sent, bucket);
}
