import type { Clock } from '../clock.ts';

/** A clock that is `ms` ahead of another one, or behind it below 0. */
export function shiftedClock(clock: Clock, ms: number): Clock {
  return { now: () => clock.now() + ms, sleep: (forMs, signal) => clock.sleep(forMs, signal) };
}
