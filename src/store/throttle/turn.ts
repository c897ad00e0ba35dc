import type { PermitAsk } from '../permits.ts';
import type { OpenBooks } from './books.ts';
import { type BucketState, countedAt, inFlight } from './bucket.ts';
import { earliestSend } from './permit-schedule.ts';
import { GRACE_MS, turnsBefore, waitingFor } from './queue.ts';

/** A waiter looks at least so often, ms: those before it may have left; where there are none, a hold may have been lifted. */
const NAP_MS = 1000;
const LONGEST_NAP_MS = 10_000;
/** Looked at again as if something had been in flight for so long, ms. */
const SOON_MS = 80;
/** Larger than the error of a double at such times, far below what a timer can do. */
const ROUNDING_MS = 0.01;

export interface Turn {
  readonly go: boolean;
  readonly waitMs: number;
  readonly askInMs: number;
  readonly crowded: boolean;
}

/** Whether it is the asker's turn, and if not, when it may be and when it should look again. */
export function turnOf(books: OpenBooks, ask: PermitAsk, states: readonly BucketState[], now: number): Turn {
  const rules = states.map(({ rule }) => rule);
  const waiters = waitingFor(books.waiters(ask.scope, now - GRACE_MS), rules);
  const ahead = turnsBefore(ask, waiters, states[0]?.sent ?? 0);
  const past = states.map((state) => ({ state, slots: books.slots(state) }));
  const sendIn = (turns: number, hope: boolean) =>
    Math.max(...past.map(({ state, slots }) => earliestSend(state.rule, state, turns, countedAt(state, slots, hope)))) -
    now;
  const air = states.map((state) => {
    const flights = inFlight(state, now);
    // Where none is in flight yet, those who go before will be soon.
    const age = flights.length > 0 ? now - Math.max(...flights.map(([, beganAt]) => beganAt)) : SOON_MS;
    return { count: flights.length, age, most: state.rule.concurrency };
  });
  const full = air.some(({ count, most }) => count + ahead >= most);
  if (!full && sendIn(ahead, false) <= ROUNDING_MS) return { go: true, waitMs: 0, askInMs: 0, crowded: false };
  // What is in flight will land and be certain; what was given up lands no more, and its doubt is waited out.
  const flying = air.some(({ count }) => count > 0);
  const waitMs = Math.max(0, sendIn(ahead, flying));
  // Nothing but a request in flight stands in the way: there is no room beside it, or it may still be on its way to the provider.
  const crowded = full || waitMs <= ROUNDING_MS;
  const landings = crowded ? air.map(({ age, most }) => landingMs(age, 1 + Math.floor(ahead / most))) : [];
  // Whoever goes first may be gone: his turn is over a moment after it has come.
  const nap = ahead === 0 ? LONGEST_NAP_MS : Math.min(NAP_MS, Math.max(0, sendIn(0, flying)) + GRACE_MS + 1);
  return { go: false, waitMs, askInMs: Math.min(nap, Math.max(waitMs, ...landings)), crowded };
}

/**
 * When whoever waits for a landing looks again, ms: after an eighth of the time that the youngest request has been in flight, because what has taken long
 * will take long; later for those far behind.
 */
function landingMs(age: number, rounds: number): number {
  return Math.min(500, Math.max(2, age / 8) * rounds);
}
