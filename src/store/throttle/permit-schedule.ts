import type { LimitRule } from '../../providers/provider.ts';

/** What is known of one rule's past in one scope. All times ms on the throttle's clock, perhaps fractional. */
export interface Bucket {
  /** Theoretical arrival time of GCRA: when the next request would come if all came evenly. */
  readonly theoreticalArrival: number;
  /** Nobody sends before this. */
  readonly holdUntil: number;
  /** What the provider says is left of its quota until then. */
  readonly quotaLeft: number;
  readonly quotaUntil: number;
  /** Permits given so far. */
  readonly sent: number;
}

/**
 * The earliest time at which `rule` lets a request go that has `ahead` others before it. `countedAt` tells when the provider may have counted the permit
 * with a given number, -Infinity for one that is not known. These conditions hold together:
 *
 * - GCRA (ITU-T I.371, annex A; the token bucket written as one time stamp) with an emission interval of perMs / permits and
 *   room for `burst`: never more than `burst` at once, and the full rate afterwards.
 * - At least perMs after the provider counted the request `permits` places before. GCRA alone lets `burst` too many into the window that starts
 *   with a burst; a longer interval would cure that but waste (burst - 1) / permits of the limit for ever. The requests of
 *   each place modulo `permits` are counted at least perMs apart, so a half-open window of perMs holds at most one of each place:
 *   at most `permits` in all.
 * - What the provider said: nothing before the end of a hold, and no more than its quota before that is renewed.
 */
export function earliestSend(
  rule: LimitRule,
  bucket: Bucket,
  ahead: number,
  countedAt: (number: number) => number,
): number {
  const { permits, perMs } = rule;
  const interval = perMs / permits;
  const place = ahead % permits;
  // Who has more than a whole window before him waits for that many windows more.
  const windows = 1 + Math.floor(ahead / permits);
  return Math.max(
    bucket.holdUntil,
    bucket.theoreticalArrival + ahead * interval - (burstOf(rule) - 1) * interval,
    countedAt(bucket.sent + place - permits) + windows * perMs,
    // Requests are not counted in the order of their numbers: whoever goes gets the next number, so that its place must be free too.
    countedAt(bucket.sent - permits) + perMs,
    ahead < bucket.quotaLeft ? Number.NEGATIVE_INFINITY : bucket.quotaUntil,
  );
}

/** The theoretical arrival time after a request at `at`. */
export function afterSend(rule: LimitRule, bucket: Bucket, at: number): number {
  return Math.max(bucket.theoreticalArrival, at) + rule.perMs / rule.permits;
}

/** A theoretical arrival time that allows no burst right after `last`: for a rule whose numbers were changed. */
export function emptyAfter(rule: LimitRule, last: number): number {
  return last + (burstOf(rule) * rule.perMs) / rule.permits;
}

/** What of the least latency is taken for certain: the ways there and back vary a little by themselves, and a machine that is busy is late by more. */
const certain = (least: number) => Math.max(0, 0.9 * least - 25);

/**
 * How much later than it was sent the provider may have counted a request, ms, when its answer took `latency` and the quickest ones take `least`: the
 * rest was spent on the way there or back, or here. Bounded, so that a slow answer does not cost more of the limit than it can be worth.
 */
export function arrivalDoubt(rule: LimitRule, latency: number, least: number): number {
  return Math.min(Math.max(0, latency - certain(least)), mostDoubt(rule));
}

/** The doubt about a request whose answer is not here yet, and the most about any other, ms: half of a long window. */
export function mostDoubt({ perMs }: LimitRule): number {
  return Math.min(10_000, Math.max(2000, perMs / 2));
}

const burstOf = (rule: LimitRule) => Math.max(1, Math.min(rule.burst, rule.permits));
