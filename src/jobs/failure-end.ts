import type { LwiError } from '../errors.ts';
import type { JobEnd } from './jobs.ts';

/** How long what somebody asked for is tried again, from when it was asked for, ms. */
const AGAIN_FOR_MS = 6 * 3_600_000;

/** The end of a job that somebody asked for at `askedAt` (ms since the epoch; absent: just now) and that has failed. */
export function failureEnd(error: LwiError, askedAt: unknown, now: number): JobEnd {
  const age = typeof askedAt === 'number' ? now - askedAt : 0;
  return { state: 'failed', error, again: error.retryable && age < AGAIN_FOR_MS };
}
