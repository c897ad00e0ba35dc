import type { LimitRule } from '../../providers/provider.ts';
import {
  afterRuleChange,
  type BucketRow,
  type BucketState,
  type Flight,
  newBucket,
  ruleOf,
  type Slot,
  type Slots,
  stateOf,
} from '../throttle/bucket.ts';
import type { SqliteDatabase } from './database.ts';

/** A row of `throttle_buckets`; flights and what was said are JSON. */
export interface BucketTableRow extends BucketRow {
  readonly flights: string;
  readonly said: string | null;
  readonly said_at: number | null;
}

interface PermitRow {
  readonly slot: number;
  readonly counted_at: number;
  readonly landed: number;
}

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
  const row = db.statement<BucketTableRow>(SELECT).get(scope, rule.name);
  return row && row.permits === rule.permits && row.per_ms === rule.perMs ? bucketState(row, rule) : undefined;
}

/** The bucket of a rule, made if it is not there; a rule with other numbers than before is taken over. */
export function loadBucket(db: SqliteDatabase, scope: string, rule: LimitRule): BucketState {
  const row = db.statement<BucketTableRow>(SELECT).get(scope, rule.name);
  if (row === undefined) {
    const { name, permits, perMs, burst, concurrency } = rule;
    const id = Number(db.statement(INSERT).run(scope, name, permits, perMs, burst, concurrency).lastInsertRowid);
    return newBucket(id, scope, rule);
  }
  const state = bucketState(row, rule);
  return row.permits === rule.permits && row.per_ms === rule.perMs ? state : withRule(db, state);
}

/** A row as a state under this rule; absent: its own. */
export function bucketState(row: BucketTableRow, rule: LimitRule = ruleOf(row)): BucketState {
  return stateOf(row, rule, JSON.parse(row.flights) as Flight[]);
}

export function slotsOf(db: SqliteDatabase, { id }: BucketState): Slots {
  return (slot) => {
    const row = db.statement<PermitRow>(PERMIT).get(id, slot);
    return row && slotOf(row);
  };
}

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

function withRule(db: SqliteDatabase, state: BucketState): BucketState {
  const rows = db.statement<PermitRow>(NEWEST).all(state.id, state.rule.permits).reverse();
  const { changed, kept } = afterRuleChange(state, rows.map(slotOf));
  db.statement('DELETE FROM throttle_permits WHERE bucket = ?').run(state.id);
  for (const [number, { countedAt, landed }] of kept) notePermit(db, state, number, countedAt, landed);
  saveBucket(db, changed);
  return changed;
}

const slotOf = ({ counted_at, landed }: PermitRow): Slot => ({ countedAt: counted_at, landed: landed === 1 });
