import type { LimitRule } from '../../providers/provider.ts';
import { type Bucket, emptyAfter, mostDoubt } from './permit-schedule.ts';

/** A bucket as the store keeps it, but for its flights and what was said. */
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
}

/** A permit whose request is in flight: its number, when it was given and when it counts as lost, ms; and whose it is. */
export type Flight = readonly [sent: number, beganAt: number, endsAt: number, owner?: string | null | undefined];

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

/** A permit that was given: when the provider may have counted it, the latest such time once it has landed. */
export interface Slot {
  readonly countedAt: number;
  readonly landed: boolean;
}

/** The permits of a bucket by their numbers modulo those of the rule. */
export type Slots = (slot: number) => Slot | undefined;

const NEVER = Number.NEGATIVE_INFINITY;

/** A bucket of which nothing has been sent. */
export function newBucket(id: number, scope: string, rule: LimitRule): BucketState {
  return {
    ...{ id, scope, rule, theoreticalArrival: 0, holdUntil: 0, quotaLeft: 0, quotaUntil: 0, sent: 0 },
    ...{ least: undefined, leastBefore: undefined, flights: [] },
  };
}

/** A row as a state under this rule. */
export function stateOf(row: BucketRow, rule: LimitRule, flights: readonly Flight[]): BucketState {
  return {
    ...{ id: row.bucket, scope: row.scope, rule, sent: row.sent, holdUntil: row.hold_until },
    ...{ theoreticalArrival: row.theoretical_arrival, quotaLeft: row.quota_left, quotaUntil: row.quota_until },
    ...{ least: row.least_latency ?? undefined, leastBefore: row.least_before ?? undefined, flights },
  };
}

/** The rule of a bucket as it was when a permit was last taken. */
export function ruleOf({ rule, permits, per_ms, burst, concurrency }: BucketRow): LimitRule {
  return { name: rule, permits, perMs: per_ms, burst, concurrency };
}

/** Whether two rules count alike: what was sent under one is known under the other. */
export function sameNumbers(a: LimitRule, b: LimitRule): boolean {
  return a.name === b.name && a.permits === b.permits && a.perMs === b.perMs;
}

/** The permits of a bucket that are in flight at `now`. */
export function inFlight({ flights }: Pick<BucketState, 'flights'>, now: number): readonly Flight[] {
  return flights.filter(([, , endsAt]) => endsAt > now);
}

/**
 * When the provider may have counted a permit that is at most `permits` old; -Infinity when there was none. One that has not landed may be counted
 * late; in `hope` it lands at once.
 */
export function countedAt({ rule }: BucketState, slots: Slots, hope = false): (number: number) => number {
  return (number) => {
    const slot = number < 0 ? undefined : slots(number % rule.permits);
    return slot ? slot.countedAt + (slot.landed || hope ? 0 : mostDoubt(rule)) : NEVER;
  };
}

/**
 * A rule with new numbers keeps the newest permits that it can hold, and starts with no burst. `state` has the new rule, `newest` are so many of its permits
 * in the order of their counting; gives those to keep with their numbers, which go on, because permits in flight are known by them.
 */
export function afterRuleChange(
  state: BucketState,
  newest: readonly Slot[],
): { readonly changed: BucketState; readonly kept: readonly (readonly [number: number, slot: Slot])[] } {
  const first = state.sent - newest.length;
  const last = newest.at(-1)?.countedAt;
  return {
    changed: { ...state, theoreticalArrival: last === undefined ? 0 : emptyAfter(state.rule, last) },
    kept: newest.map((slot, at) => [first + at, slot] as const),
  };
}
