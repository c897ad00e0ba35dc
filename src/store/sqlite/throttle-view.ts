import type { LimitState, QuotaLeft } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import { earliestSend } from './permit-schedule.ts';
import { type BucketRow, countedAt, ruleOf, stateOf } from './throttle-bucket.ts';
import { living } from './throttle-queue.ts';

const BUCKETS = 'SELECT * FROM throttle_buckets WHERE scope = ? ORDER BY rule';
const USED = 'SELECT count(*) AS used FROM throttle_permits WHERE bucket = ? AND counted_at > ?';

/** The buckets of these scopes as they are at `now`, without changing them. */
export function limitStates(
  db: SqliteDatabase,
  scopes: readonly string[],
  now: number,
  inFlight: (bucket: number, now: number) => number,
): LimitState[] {
  return scopes
    .flatMap((scope) => db.statement<BucketRow>(BUCKETS).all(scope))
    .map((row) => {
      const rule = ruleOf(row);
      const state = stateOf(row, rule);
      const at = (ahead: number) => earliestSend(rule, state, ahead, countedAt(db, state));
      const flying = inFlight(row.bucket, now);
      const room = Math.max(0, Math.min(rule.permits, rule.concurrency - flying));
      let free = 0;
      while (free < room && at(free) <= now) free += 1;
      return {
        ...{ scope: row.scope, name: rule.name, permits: rule.permits, perMs: rule.perMs },
        ...{ burst: rule.burst, concurrency: rule.concurrency },
        used: db.statement<{ used: number }>(USED).get(row.bucket, now - rule.perMs)?.used ?? 0,
        free,
        nextInMs: Math.max(0, Math.ceil(at(0) - now)),
        inFlight: flying,
        waiting: living(db, row.scope, [rule], now).length,
        holdMs: Math.max(0, Math.ceil(row.hold_until - now)),
        said: row.said === null ? undefined : { ...(JSON.parse(row.said) as QuotaLeft), at: row.said_at ?? 0 },
      };
    });
}
