import type { LimitRule } from '../../providers/provider.ts';

/** What is known of one rule's past in one scope. All times ms since the epoch; nothing yet: `NEW_BUCKET`. */
export interface Bucket {
  /** Theoretical arrival time of GCRA: when the next request would come if all came evenly. May be fractional. */
  readonly theoreticalArrival: number;
  /** Nobody sends before this. */
  readonly holdUntil: number;
  /** The time given to the permit `permits` places before, not rounded; -Infinity when there were fewer. */
  readonly permitsAgo: number;
}

export const NEW_BUCKET: Bucket = { theoreticalArrival: 0, holdUntil: 0, permitsAgo: Number.NEGATIVE_INFINITY };

/**
 * The earliest time (ms, may be fractional) at which `rule` lets one more request go. Two conditions hold together:
 *
 * - GCRA (ITU-T I.371, annex A; the token bucket written as one time stamp) with an emission interval of perMs / permits and
 *   room for `burst`: never more than `burst` at once, and the full rate afterwards.
 * - At least perMs after the request `permits` places before. GCRA alone lets `burst` too many into the window that starts
 *   with a burst; a longer interval would cure that but waste (burst - 1) / permits of the limit for ever. The requests of
 *   each place modulo `permits` lie at least perMs apart, so a half-open window of perMs holds at most one of each place:
 *   at most `permits` in all. As perMs is whole here, that stays true when all times are rounded up.
 */
export function earliestSend(rule: LimitRule, bucket: Bucket, now: number): number {
  const tolerance = (burstOf(rule) - 1) * emissionInterval(rule);
  return Math.max(
    now,
    bucket.holdUntil,
    bucket.theoreticalArrival - tolerance,
    bucket.permitsAgo + Math.ceil(rule.perMs),
  );
}

/** The theoretical arrival time after a request at `at` (not rounded, so that no rate is lost to rounding). */
export function afterSend(rule: LimitRule, bucket: Bucket, at: number): number {
  return Math.max(bucket.theoreticalArrival, at) + emissionInterval(rule);
}

/** A theoretical arrival time that allows no burst right after `last`: for a rule whose numbers were changed. */
export function emptyAfter(rule: LimitRule, last: number): number {
  return last + burstOf(rule) * emissionInterval(rule);
}

const emissionInterval = (rule: LimitRule) => rule.perMs / rule.permits;

const burstOf = (rule: LimitRule) => Math.max(1, Math.min(rule.burst, rule.permits));
