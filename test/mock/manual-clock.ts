import type { Clock } from '../../src/clock.ts';

/** Noon (UTC) of a day of the seeded past; every mock of these tests starts there. */
export const START = Date.parse('2026-01-05T12:00:00.000Z');

/** A clock that stands still until it is told to go on. A sleep ends at once and moves it. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(start = START): ManualClock {
  let now = start;
  return {
    now: () => now,
    async sleep(ms) {
      now += ms;
    },
    advance(ms) {
      now += ms;
    },
  };
}
