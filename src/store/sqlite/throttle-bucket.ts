import type { LimitRule } from '../../providers/provider.ts';
import type { SqliteDatabase } from './database.ts';
import { type Bucket, emptyAfter, mostDoubt } from './permit-schedule.ts';

export interface BucketRow {
  readonly bucket: number;
  readonly scope: string;
  readonly rule: string;
  readonly permits: number;
  readonly per_ms: number;
  readonly burst: number;
  readonly concurrency: number;
  readonly theoretical_arrival: number;
  readonly hold_until: number;
  readonly quota_left: number;
  readonly quota_until: number;
  readonly least_latency: number | null;
  readonly least_before: number | null;
  readonly sent: number;
  readonly flights: string;
  readonly said: string | null;
  readonly said_at: number | null;
}

/** A permit whose request is in flight: its number, when it was given and when it counts as lost, ms; and whose it is. */
export type Flight = readonly [sent: number, beganAt: number, endsAt: number, owner?: string | undefined];

/** A rule with its past in one scope. */
export interface BucketState extends Bucket {
  readonly id: number;
  readonly scope: string;
  readonly flights: readonly Flight[];
  readonly rule: LimitRule;
  /** Least time between permit and answer, ms: of the present requests, and of the hundred before. */
  readonly least: number | undefined;
  readonly leastBefore: number | undefined;
}

interface PermitRow {
  readonly slot: number;
  readonly counted_at: number;
  readonly landed: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

const SELECT = 'SELECT * FROM throttle_buckets WHERE scope = ? AND rule = ?';
const INSERT = `
INSERT INTO throttle_buckets
  (scope, rule, permits, per_ms, burst, concurrency, theoretical_arrival, hold_until, quota_left, quota_until, sent, flights)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, '[]')`;
const SAVE = `
UPDATE throttle_buckets SET permits = ?, per_ms = ?, burst = ?, concurrency = ?, theoretical_arrival = ?, hold_until = ?, quota_left = ?,
  quota_until = ?, least_latency = ?, least_before = ?, sent = ?, flights = ? WHERE bucket = ?`;
const PERMIT = 'SELECT slot, counted_at, landed FROM throttle_permits WHERE bucket = ? AND slot = ?';
const NEWEST =
  'SELECT slot, counted_at, landed FROM throttle_permits WHERE bucket = ? ORDER BY counted_at DESC LIMIT ?';
const PUT_PERMIT = `
INSERT INTO throttle_permits (bucket, slot, counted_at, landed) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET counted_at = excluded.counted_at, landed = excluded.landed`;

/** The bucket of a rule, if it is there with the same numbers. */
export function findBucket(db: SqliteDatabase, scope: string, rule: LimitRule): BucketState | undefined {
  const row = db.statement<BucketRow>(SELECT).get(scope, rule.name);
  return row && row.permits === rule.permits && row.per_ms === rule.perMs ? stateOf(row, rule) : undefined;
}

/** The bucket of a rule, made if it is not there; a rule with other numbers than before is taken over. */
export function loadBucket(db: SqliteDatabase, scope: string, rule: LimitRule): BucketState {
  const row = db.statement<BucketRow>(SELECT).get(scope, rule.name);
  if (row === undefined) {
    const { name, permits, perMs, burst, concurrency } = rule;
    const id = Number(db.statement(INSERT).run(scope, name, permits, perMs, burst, concurrency).lastInsertRowid);
    return { ...EMPTY, id, scope, rule };
  }
  const state = stateOf(row, rule);
  return row.permits === rule.permits && row.per_ms === rule.perMs ? state : afterRuleChange(db, state);
}

const EMPTY = {
  ...{ theoreticalArrival: 0, holdUntil: 0, quotaLeft: 0, quotaUntil: 0, sent: 0 },
  ...{ least: undefined, leastBefore: undefined, flights: [] },
};

/** A row as a state under this rule. */
export function stateOf(row: BucketRow, rule: LimitRule): BucketState {
  return {
    ...{ id: row.bucket, scope: row.scope, rule, sent: row.sent, holdUntil: row.hold_until },
    ...{ theoreticalArrival: row.theoretical_arrival, quotaLeft: row.quota_left, quotaUntil: row.quota_until },
    ...{ least: row.least_latency ?? undefined, leastBefore: row.least_before ?? undefined },
    flights: JSON.parse(row.flights) as Flight[],
  };
}

/** The permits of a bucket that are in flight at `now`. */
export function inFlight({ flights }: Pick<BucketState, 'flights'>, now: number): readonly Flight[] {
  return flights.filter(([, , endsAt]) => endsAt > now);
}

/**
 * When the provider may have counted a permit that is at most `permits` old; -Infinity when there was none. One that has not landed may be counted
 * late; in `hope` it lands at once.
 */
export function countedAt(db: SqliteDatabase, { id, rule }: BucketState, hope = false): (number: number) => number {
  return (number) => {
    const row = number < 0 ? undefined : db.statement<PermitRow>(PERMIT).get(id, number % rule.permits);
    return row ? row.counted_at + (row.landed || hope ? 0 : mostDoubt(rule)) : NEVER;
  };
}

/** Notes a permit: given at `at`, or landed and then counted by the provider at `at` at the latest. */
export function notePermit(db: SqliteDatabase, { id, rule }: BucketState, number: number, at: number, landed: boolean) {
  db.statement(PUT_PERMIT).run(id, number % rule.permits, at, landed ? 1 : 0);
}

export function saveBucket(db: SqliteDatabase, state: BucketState): void {
  const { id, rule, theoreticalArrival, holdUntil, quotaLeft, quotaUntil, least, leastBefore, sent, flights } = state;
  const { permits, perMs, burst, concurrency } = rule;
  const numbers = [permits, perMs, burst, concurrency] as const;
  db.statement(SAVE).run(
    ...numbers,
    theoreticalArrival,
    holdUntil,
    quotaLeft,
    quotaUntil,
    least,
    leastBefore,
    sent,
    JSON.stringify(flights),
    id,
  );
}

/** A rule with new numbers keeps the newest permits that it can hold, and starts with no burst. */
function afterRuleChange(db: SqliteDatabase, state: BucketState): BucketState {
  const { id, rule } = state;
  const rows = db.statement<PermitRow>(NEWEST).all(id, rule.permits).reverse();
  db.statement('DELETE FROM throttle_permits WHERE bucket = ?').run(id);
  // Permits in flight are known by their numbers, which go on; the places follow from the numbers.
  const first = state.sent - rows.length;
  for (const [at, row] of rows.entries()) notePermit(db, state, first + at, row.counted_at, row.landed === 1);
  const last = rows.at(-1)?.counted_at;
  const changed = { ...state, theoreticalArrival: last === undefined ? 0 : emptyAfter(rule, last) };
  saveBucket(db, changed);
  return changed;
}

/** The rule of a bucket as it was when a permit was last taken. */
export function ruleOf({ rule, permits, per_ms, burst, concurrency }: BucketRow): LimitRule {
  return { name: rule, permits, perMs: per_ms, burst, concurrency };
}
