import type { Random } from '../clock.ts';
import type { LwiError } from '../errors.ts';

/** Part of the interval by which polls are spread, so that those of many connections do not come together for ever. */
const JITTER = 0.1;
/** Longest pause between failing polls, in intervals. */
const MOST_INTERVALS = 4;

/** From the end of one poll to the next, ms. `failures`: polls that failed in a row, this one included. */
export function pollPause(intervalMs: number, failures: number, random: Random): number {
  const intervals = Math.min(MOST_INTERVALS, 2 ** Math.max(0, failures - 1));
  return intervalMs * intervals * (1 + JITTER * (random() * 2 - 1));
}

/** No pause after so many failures is longer, ms. */
export const longestPause = (intervalMs: number, failures = MOST_INTERVALS): number =>
  pollPause(intervalMs, failures, () => 1);

/** A damaged database or a key that is not there is no trouble of one connection, and no wait ends it. */
export function endsAll({ category, retryable }: LwiError): boolean {
  return category === 'storage' && !retryable;
}
