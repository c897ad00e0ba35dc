import type { QuotaLeft } from '../permits.ts';
import type { OpenBooks } from '../throttle/books.ts';
import { type BucketRow, type BucketState, type Flight, ruleOf, type Slot, stateOf } from '../throttle/bucket.ts';
import { aheadOf, type ClockRow, WALL } from '../throttle/clock.ts';
import type { Waiter } from '../throttle/queue.ts';
import type { DatabaseClock } from './clock.ts';
import type { Queries } from './database.ts';

export interface BucketTableRow extends BucketRow {
  readonly flights: readonly Flight[];
  readonly said: QuotaLeft | null;
  readonly said_at: number | null;
}

interface WaiterRow extends Waiter {
  readonly scope: string;
  readonly asks_at: number;
}

/** Which buckets are to be read: by number, and by scope and name of the rule. */
export interface Wanted {
  readonly buckets: readonly number[];
  readonly scopes: readonly string[];
  /** Beside each scope. */
  readonly rules: readonly string[];
  /** How many permits may be asked for. */
  readonly asks: number;
}

/** Everything that decides on these buckets, as it was at one moment. */
export interface Reading {
  /** What the clock of the database said, ms since the epoch. */
  readonly now: number;
  readonly clocks: ReadonlyMap<string, ClockRow>;
  readonly buckets: readonly BucketTableRow[];
  readonly waiters: readonly WaiterRow[];
  readonly slots: ReadonlyMap<string, Slot>;
  /** Numbers for new places in the queue, growing. */
  readonly tickets: readonly number[];
}

interface Row {
  readonly now: number;
  readonly clocks: readonly (Omit<ClockRow, 'source'> & { readonly scope: string })[] | null;
  readonly buckets: readonly BucketTableRow[] | null;
  readonly waiters: readonly WaiterRow[] | null;
  readonly slots: readonly (readonly [bucket: number, slot: number, countedAt: number, landed: boolean])[] | null;
  readonly tickets: readonly number[] | null;
}

/** The permits whose places come next in the window: of as many requests as ask or wait. */
const NEXT_SLOTS = `asked a
    CROSS JOIN LATERAL generate_series(
      0::bigint, least(a.permits - 1, $4::bigint + (SELECT count(*) FROM throttle_waiters w WHERE w.scope = a.scope))) AS turn
    CROSS JOIN LATERAL (
      SELECT * FROM throttle_permits WHERE bucket = a.bucket AND slot = ((a.sent + turn) % a.permits)::integer
      -- Keeps the planner from reading the whole table instead of a few rows by their keys.
      OFFSET 0) AS p`;

/** By their keys only; an OR of both ways would read the whole table. */
const BY_RULE = `bucket = ANY($1::bigint[] || ARRAY(
    SELECT b.bucket FROM unnest($2::text[], $3::text[]) AS n(scope, rule) JOIN throttle_buckets b ON b.scope = n.scope AND b.rule = n.rule))`;

const reading = (clock: DatabaseClock, buckets: string, slots: string, tickets: string) => `
WITH asked AS (${buckets})
SELECT ${clock.sql(5)} AS now,
  (SELECT json_agg(s) FROM throttle_scopes s WHERE s.scope = ANY($2::text[])) AS clocks,
  (SELECT json_agg(a) FROM asked a) AS buckets,
  (SELECT json_agg(w) FROM throttle_waiters w WHERE w.scope = ANY($2::text[])) AS waiters,
  (SELECT json_agg(json_build_array(p.bucket, p.slot, p.counted_at, p.landed)) FROM ${slots}) AS slots,
  ${tickets} AS tickets`;

/** The statements that read it. Only `locked` keeps others from the buckets. */
export function throttleReading(clock: DatabaseClock) {
  const byRule = `SELECT * FROM throttle_buckets WHERE ${BY_RULE} ORDER BY bucket`;
  const looked = reading(clock, byRule, NEXT_SLOTS, 'NULL::json');
  const locked = reading(
    clock,
    `${byRule} FOR UPDATE`,
    NEXT_SLOTS,
    `(SELECT json_agg(nextval('throttle_tickets')) FROM generate_series(1, $4::bigint))`,
  );
  const whole = reading(
    clock,
    'SELECT * FROM throttle_buckets WHERE scope = ANY($2::text[]) AND $1::bigint[] IS NOT NULL AND $3::text[] IS NOT NULL ORDER BY rule',
    'asked a JOIN throttle_permits p ON p.bucket = a.bucket AND $4::bigint IS NOT NULL',
    'NULL::json',
  );
  const read =
    (sql: string) =>
    async (queries: Queries, { buckets, scopes, rules, asks }: Wanted) => {
      const row = await queries.row<Row>(sql, [buckets, scopes, rules, asks, clock.sample()]);
      if (!row) throw new Error('a SELECT without FROM gave no row');
      return readingOf(row);
    };
  return { looked: read(looked), locked: read(locked), whole: read(whole) };
}

function readingOf({ now, clocks, buckets, waiters, slots, tickets }: Row): Reading {
  return {
    now,
    clocks: new Map((clocks ?? []).map((row) => [row.scope, { ...row, source: WALL }])),
    buckets: buckets ?? [],
    waiters: waiters ?? [],
    slots: new Map(
      (slots ?? []).map(([bucket, slot, countedAt, landed]) => [`${bucket} ${slot}`, { countedAt, landed }]),
    ),
    tickets: tickets ?? [],
  };
}

/** The time of a scope, ms. */
export function timeOf({ now, clocks }: Reading, scope: string): number {
  return now + aheadOf(clocks.get(scope), WALL, now, now);
}

/** A row as a state under its own rule. */
export function bucketState(row: BucketTableRow): BucketState {
  return stateOf(row, ruleOf(row), row.flights);
}

/** For those who only look. */
export function openBooks({ slots, waiters }: Reading): OpenBooks {
  return {
    slots:
      ({ id }) =>
      (slot) =>
        slots.get(`${id} ${slot}`),
    waiters: (scope, since) => waiters.filter((waiter) => waiter.scope === scope && waiter.asks_at >= since),
    placeUntil: (ticket) => waiters.find((waiter) => waiter.ticket === ticket)?.asks_at ?? Number.NEGATIVE_INFINITY,
  };
}
