import type { LimitState, QuotaLeft } from '../permits.ts';
import type { OpenBooks } from './books.ts';
import { type BucketState, countedAt, inFlight } from './bucket.ts';
import { earliestSend } from './permit-schedule.ts';
import { GRACE_MS, waitingFor } from './queue.ts';

/** What the store knows beside a bucket. */
export interface Aside {
  /** Permits of the last `perMs`. */
  readonly used: number;
  readonly said: (QuotaLeft & { readonly at: number }) | undefined;
}

/** A bucket as it is at `now`, without changing it. */
export function limitState(books: OpenBooks, state: BucketState, { used, said }: Aside, now: number): LimitState {
  const { rule, scope } = state;
  const counted = countedAt(state, books.slots(state));
  const at = (ahead: number) => earliestSend(rule, state, ahead, counted);
  return {
    ...{ scope, name: rule.name, permits: rule.permits, perMs: rule.perMs },
    ...{ burst: rule.burst, concurrency: rule.concurrency, used },
    free: roomOf(rule.permits, (ahead) => at(ahead) <= now),
    nextInMs: Math.max(0, Math.ceil(at(0) - now)),
    inFlight: inFlight(state, now).length,
    waiting: waitingFor(books.waiters(scope, now - GRACE_MS), [rule]).length,
    holdMs: Math.max(0, Math.ceil(state.holdUntil - now)),
    said,
  };
}

/** The most requests that could go now: those with fewer before them go no later, so that halving finds it. */
function roomOf(permits: number, goes: (ahead: number) => boolean): number {
  let [room, beyond] = [0, permits + 1];
  while (beyond - room > 1) {
    const middle = Math.floor((room + beyond) / 2);
    if (goes(middle - 1)) room = middle;
    else beyond = middle;
  }
  return room;
}
