import type { LimitRule } from '../../providers/provider.ts';
import { afterRuleChange, type BucketState, newBucket, type Slot } from '../throttle/bucket.ts';
import type { Queries } from './database.ts';
import type { Changes } from './throttle-books.ts';

/** What waits and lands is of use for moments; it is not waited for until the disk has it (https://www.postgresql.org/docs/current/wal-async-commit.html). */
const WRITE = `
WITH changed AS (
  UPDATE throttle_buckets b SET permits = c.permits, per_ms = c.per_ms, burst = c.burst, concurrency = c.concurrency,
    theoretical_arrival = c.theoretical_arrival, hold_until = c.hold_until, quota_left = c.quota_left, quota_until = c.quota_until,
    least_latency = c.least_latency, least_before = c.least_before, sent = c.sent, flights = c.flights,
    said = coalesce(c.said, b.said), said_at = coalesce(c.said_at, b.said_at)
  FROM jsonb_to_recordset($1::jsonb) AS c(bucket bigint, permits integer, per_ms float8, burst integer, concurrency integer,
    theoretical_arrival float8, hold_until float8, quota_left bigint, quota_until float8, least_latency float8, least_before float8,
    sent bigint, flights jsonb, said jsonb, said_at bigint)
  WHERE b.bucket = c.bucket
), noted AS (
  INSERT INTO throttle_permits (bucket, slot, counted_at, landed)
  SELECT bucket, slot, "countedAt", landed FROM jsonb_to_recordset($2::jsonb) AS p(bucket bigint, slot integer, "countedAt" float8, landed boolean)
  ON CONFLICT (bucket, slot) DO UPDATE SET counted_at = excluded.counted_at, landed = excluded.landed
), kept AS (
  INSERT INTO throttle_waiters (ticket, scope, rank, rules, asks_at)
  SELECT ticket, scope, rank, rules, "asksAt" FROM jsonb_to_recordset($3::jsonb) AS p(ticket bigint, scope text, rank integer, rules text, "asksAt" float8)
  ON CONFLICT (ticket) DO UPDATE SET asks_at = excluded.asks_at, rank = excluded.rank
), gone AS (
  DELETE FROM throttle_waiters w
  WHERE w.ticket = ANY($4::bigint[]) OR (w.ticket <> ALL($5::bigint[])
    AND EXISTS (SELECT 1 FROM unnest($6::text[], $7::float8[]) AS f(scope, before) WHERE f.scope = w.scope AND w.asks_at < f.before))
), told AS (
  INSERT INTO throttle_scopes (scope, ahead, seen_at, seen_wall)
  SELECT scope, ahead, seen_at, seen_wall FROM jsonb_to_recordset($8::jsonb) AS t(scope text, ahead float8, seen_at float8, seen_wall float8)
  ON CONFLICT (scope) DO UPDATE SET ahead = excluded.ahead, seen_at = excluded.seen_at, seen_wall = excluded.seen_wall
)
SELECT CASE WHEN $9::boolean THEN set_config('synchronous_commit', 'off', true) END`;

const MAKE = `
INSERT INTO throttle_buckets (scope, rule, permits, per_ms, burst, concurrency)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING bucket`;

const NEWEST =
  'SELECT counted_at AS "countedAt", landed FROM throttle_permits WHERE bucket = $1 ORDER BY counted_at DESC LIMIT $2';

/** Writes what was changed. `times`: what is to be noted of the time of scopes. */
export async function writeChanges(tx: Queries, changes: Changes, times: readonly object[]): Promise<void> {
  const { buckets, slots, said, places, left, forgotten, weighty } = changes;
  const rows = [...new Set([...buckets.keys(), ...said.keys()])].flatMap((id) => {
    const state = buckets.get(id);
    return state ? [{ ...rowOf(state), said: said.get(id)?.left, said_at: said.get(id)?.at }] : [];
  });
  await tx.row(WRITE, [
    JSON.stringify(rows),
    JSON.stringify([...slots.values()]),
    JSON.stringify([...places].map(([ticket, place]) => ({ ...place, ticket }))),
    [...left],
    [...places.keys()],
    [...forgotten.keys()],
    [...forgotten.values()],
    JSON.stringify(times),
    !weighty,
  ]);
}

/** Makes the bucket of a rule. */
export async function makeBucket(tx: Queries, scope: string, rule: LimitRule): Promise<BucketState> {
  const { name, permits, perMs, burst, concurrency } = rule;
  const row = await tx.row<{ bucket: number }>(MAKE, [scope, name, permits, perMs, burst, concurrency]);
  return newBucket(row?.bucket ?? 0, scope, rule);
}

/** Takes a bucket over for a rule with other numbers; gives what is to be noted of its permits. */
export async function changeRule(tx: Queries, before: BucketState, rule: LimitRule) {
  const newest = await tx.rows<Slot>(NEWEST, [before.id, rule.permits]);
  await tx.run('DELETE FROM throttle_permits WHERE bucket = $1', [before.id]);
  return afterRuleChange({ ...before, rule }, newest.reverse());
}

function rowOf(state: BucketState) {
  const { permits, perMs, burst, concurrency } = state.rule;
  return {
    ...{ bucket: state.id, permits, per_ms: perMs, burst, concurrency, sent: state.sent, flights: state.flights },
    ...{ theoretical_arrival: state.theoreticalArrival, hold_until: state.holdUntil, quota_left: state.quotaLeft },
    ...{ quota_until: state.quotaUntil, least_latency: state.least, least_before: state.leastBefore },
  };
}
