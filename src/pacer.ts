import type { Clock } from './clock.ts';

/** Lets one after the other go on, so many in a time. */
export interface Pacer {
  /** Resolves when it is the caller's turn; rejects with the signal's reason when aborted. One caller at a time. */
  turn(signal: AbortSignal): Promise<void>;
}

/** Timers and answers come late by some ms; so much is made up for at the next turns, and no more, so that a stall is not followed by a burst. */
const MADE_UP_MS = 20;

/**
 * Turns that are `everyMs` apart; the first is at once. Without a clock that stalls, n turns take exactly (n - 1) times that. A clock that is set back
 * makes no turn wait longer than any other.
 */
export function pacer(clock: Clock, everyMs: number): Pacer {
  let next: number | undefined;
  return {
    async turn(signal) {
      signal.throwIfAborted();
      const now = clock.now();
      const at = Math.min(Math.max(next ?? now, now - MADE_UP_MS), now + everyMs + MADE_UP_MS);
      next = at + everyMs;
      if (at > now) await clock.sleep(at - now, signal);
    },
  };
}
