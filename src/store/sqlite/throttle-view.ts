import type { LimitState, QuotaLeft } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import { earliestSend } from './permit-schedule.ts';
import { type BucketRow, countedAt, inFlight, ruleOf, stateOf } from './throttle-bucket.ts';
import { living } from './throttle-queue.ts';

const BUCKETS = 'SELECT * FROM throttle_buckets WHERE scope = ? ORDER BY rule';
const USED = 'SELECT count(*) AS used FROM throttle_permits WHERE bucket = ? AND counted_at > ?';

/** The buckets of these scopes as they are at `now`, without changing them. */
export function limitStates(db: SqliteDatabase, scopes: readonly string[], now: number): LimitState[] {
  return scopes
    .flatMap((scope) => db.statement<BucketRow>(BUCKETS).all(scope))
    .map((row) => {
      const rule = ruleOf(row);
      const state = stateOf(row, rule);
      const at = (ahead: number) => earliestSend(rule, state, ahead, countedAt(db, state));
      const flying = inFlight(state, now).length;
      return {
        ...{ scope: row.scope, name: rule.name, permits: rule.permits, perMs: rule.perMs },
        ...{ burst: rule.burst, concurrency: rule.concurrency },
        used: db.statement<{ used: number }>(USED).get(row.bucket, now - rule.perMs)?.used ?? 0,
        free: roomOf(rule.permits, (ahead) => at(ahead) <= now),
        nextInMs: Math.max(0, Math.ceil(at(0) - now)),
        inFlight: flying,
        waiting: living(db, row.scope, [rule], now).length,
        holdMs: Math.max(0, Math.ceil(row.hold_until - now)),
        said: row.said === null ? undefined : { ...(JSON.parse(row.said) as QuotaLeft), at: row.said_at ?? 0 },
      };
    });
}

/** The most requests that could go now: those with fewer before them go no later, so that halving finds it. */
function roomOf(permits: number, goes: (ahead: number) => boolean): number {
  let [room, beyond] = [0, permits + 1];
  while (beyond - room > 1) {
    const middle = Math.floor((room + beyond) / 2);
    if (goes(middle - 1)) room = middle;
    else beyond = middle;
  }
  return room;
}
