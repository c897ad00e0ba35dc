import type { LwiError } from '../errors.ts';
import { asFailure } from '../sync/event-retry.ts';
import type { Job, JobEnd } from './jobs.ts';

/** How long what somebody asked for is tried again, from when it was asked for, ms. */
const AGAIN_FOR_MS = 6 * 3_600_000;

/** The end of a job that somebody asked for and that has failed. */
export function failureEnd(error: LwiError, { ageMs }: Pick<Job, 'ageMs'>): JobEnd {
  return { state: 'failed', error, again: error.retryable && ageMs < AGAIN_FOR_MS };
}

/** The same for what was thrown on the way. Throws what is no failure of this job: that it was stopped, and trouble of the store. */
export function thrownEnd(thrown: unknown, job: Job, signal: AbortSignal): JobEnd {
  if (signal.aborted) throw thrown;
  const error = asFailure(thrown);
  if (error.category === 'storage') throw error;
  return failureEnd(error, job);
}
