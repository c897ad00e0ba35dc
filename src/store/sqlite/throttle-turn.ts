import type { PermitAsk } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import { earliestSend } from './permit-schedule.ts';
import { type BucketState, countedAt } from './throttle-bucket.ts';
import { GRACE_MS, turnsBefore } from './throttle-queue.ts';

/** A waiter looks at least so often, ms: those before it may have left; where there are none, a hold may have been lifted. */
const NAP_MS = 1000;
const LONGEST_NAP_MS = 10_000;
/** Larger than the error of a double at such times, far below what a timer can do. */
const ROUNDING_MS = 0.01;

const FLIGHTS =
  'SELECT count(*) AS count, max(began_at) AS youngest FROM throttle_flights WHERE bucket = ? AND ends_at > ?';

export interface Turn {
  readonly go: boolean;
  readonly waitMs: number;
  readonly askInMs: number;
  readonly crowded: boolean;
}

/** Requests of a bucket that are in flight at `now`. */
export function flights(db: SqliteDatabase, bucket: number, now: number): { count: number; youngest: number | null } {
  return db.statement<{ count: number; youngest: number | null }>(FLIGHTS).get(bucket, now) ?? NONE;
}

const NONE = { count: 0, youngest: null };

/** Whether it is the asker's turn, and if not, when it may be and when it should look again. */
export function turnOf(db: SqliteDatabase, ask: PermitAsk, states: readonly BucketState[], now: number): Turn {
  const rules = states.map(({ rule }) => rule);
  const ahead = turnsBefore(db, { ...ask, rules }, now, states[0]?.sent ?? 0);
  const sendAt = (turns: number) =>
    Math.max(...states.map((state) => earliestSend(state.rule, state, turns, countedAt(db, state))));
  const full = states
    .map(({ id, rule }) => ({ ...flights(db, id, now), most: rule.concurrency }))
    .filter(({ count, most }) => count + ahead >= most);
  const waitMs = Math.max(0, sendAt(ahead) - now);
  if (full.length === 0 && waitMs <= ROUNDING_MS) return { go: true, waitMs: 0, askInMs: 0, crowded: false };
  const landings = full.map(({ youngest, most }) => landingMs(now - (youngest ?? now), 1 + Math.floor(ahead / most)));
  // Whoever goes first may be gone: his turn is over a moment after it has come.
  const nap = ahead === 0 ? LONGEST_NAP_MS : Math.min(NAP_MS, Math.max(0, sendAt(0) - now) + GRACE_MS + 1);
  const askInMs = Math.min(nap, Math.max(waitMs, ...landings));
  return { go: false, waitMs, askInMs, crowded: full.length > 0 };
}

/**
 * When whoever waits for a landing looks again, ms: after an eighth of the time that the youngest request has been in flight, because what has taken long
 * will take long; later for those far behind.
 */
function landingMs(age: number, rounds: number): number {
  return Math.min(500, Math.max(2, age / 8) * rounds);
}
