import type { LimitState, QuotaLeft } from '../permits.ts';
import { limitState } from '../throttle/view.ts';
import type { SqliteDatabase } from './database.ts';
import { openBooks } from './throttle-books.ts';
import { type BucketTableRow, bucketState } from './throttle-bucket.ts';

const BUCKETS = 'SELECT * FROM throttle_buckets WHERE scope = ? ORDER BY rule';
const USED = 'SELECT count(*) AS used FROM throttle_permits WHERE bucket = ? AND counted_at > ?';

/** The buckets of these scopes as they are at `now`, without changing them. */
export function limitStates(db: SqliteDatabase, scopes: readonly string[], now: number): LimitState[] {
  const books = openBooks(db);
  return scopes
    .flatMap((scope) => db.statement<BucketTableRow>(BUCKETS).all(scope))
    .map((row) => {
      const state = bucketState(row);
      const used = db.statement<{ used: number }>(USED).get(row.bucket, now - state.rule.perMs)?.used ?? 0;
      const said = row.said === null ? undefined : { ...(JSON.parse(row.said) as QuotaLeft), at: row.said_at ?? 0 };
      return limitState(books, state, { used, said }, now);
    });
}
