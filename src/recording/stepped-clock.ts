import type { Clock } from '../clock.ts';

/**
 * A clock that stands still until it is moved, so that a run reads the same times however often it looks. A recording moves it at the start and
 * end of each exchange and writes these times down; a replay moves it to them.
 */
export interface SteppedClock extends Clock {
  /** Sets the time, ms since the epoch. */
  moveTo(time: number): void;
}

/** `wait` does the waiting of `sleep`; absent: a sleep takes no time and moves the clock all the same. */
export function steppedClock(start: number, wait?: Clock['sleep']): SteppedClock {
  let time = start;
  return {
    now: () => time,
    moveTo: (to) => {
      time = to;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      await wait?.(ms, signal);
      time += ms;
    },
  };
}
