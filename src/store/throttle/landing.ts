import type { Landing, Permit, QuotaLeft } from '../permits.ts';
import type { Books } from './books.ts';
import { type BucketState, inFlight } from './bucket.ts';
import { arrivalDoubt } from './permit-schedule.ts';

/** The least latency is that of between one and two hundred requests, so that it follows a provider that has become slower. */
const LATENCIES = 100;
/** Two readings of the provider's quota are of the same window when their ends lie no further apart, ms: headers have whole seconds. */
const SAME_WINDOW_MS = 2000;

/** The buckets of a permit learn that its request landed at `at`, ms on the scope's time, and what the provider said then, `saidAt` ms since the epoch. */
export function land(
  books: Books,
  permit: Permit,
  { answered, tookMs, left }: Landing,
  { at, saidAt }: { readonly at: number; readonly saidAt: number },
): void {
  for (const { bucket, sent } of permit.places) {
    const before = books.withId(bucket);
    if (!before) continue;
    const began = before.flights.find(([number]) => number === sent)?.[1];
    const state = { ...before, flights: before.flights.filter(([number]) => number !== sent) };
    if (!answered && state.sent - sent <= state.rule.permits) books.note(state, sent, at, false);
    const timed =
      answered && began !== undefined ? learned(books, state, { sent, began, latency: at - began, tookMs }) : state;
    books.put(quotaAfter(timed, left, at));
    if (left) books.say(bucket, left, saidAt);
  }
}

/** When the provider may have counted it; and how quick it was. */
function learned(
  books: Books,
  state: BucketState,
  { sent, began, latency, tookMs }: { sent: number; began: number; latency: number; tookMs: number | undefined },
): BucketState {
  const { rule, least, leastBefore } = state;
  // What the first ones took says nothing yet: processes start, connections are made.
  const quickest = leastBefore === undefined ? 0 : Math.min(leastBefore, least ?? leastBefore);
  const doubt = arrivalDoubt(rule, latency, quickest);
  // Its place may have been given to another one meanwhile.
  if (state.sent - sent <= rule.permits) books.note(state, sent, began + doubt, true);
  // What passed before it was sent is no part of the way: the provider counts after that.
  const took = Math.min(latency, Math.max(0, tookMs ?? latency));
  if (sent % LATENCIES === LATENCIES - 1) return { ...state, least: took, leastBefore: least };
  return { ...state, least: Math.min(took, least ?? took) };
}

/** What other requests in flight will still take is not ours to give; readings may come out of order, and the least of a window counts. */
function quotaAfter(state: BucketState, left: QuotaLeft | undefined, now: number): BucketState {
  const { rule, quotaLeft, quotaUntil } = state;
  if (left?.remaining === undefined) return state;
  const remaining = Math.max(0, left.remaining - inFlight(state, now).length);
  // Without a time of renewal there is only the pace of the rule to go by.
  const until = now + (left.resetMs ?? rule.perMs / rule.permits);
  const same = quotaUntil > now && Math.abs(quotaUntil - until) <= SAME_WINDOW_MS;
  return {
    ...state,
    quotaLeft: same ? Math.min(quotaLeft, remaining) : remaining,
    quotaUntil: same ? Math.max(quotaUntil, until) : until,
  };
}
