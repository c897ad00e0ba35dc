import { LwiError } from '../errors.ts';

/** Waits before the tries after the first, ms: a provider that is down for an hour is waited for, then the poll closes the gap. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000];

/**
 * When an event whose `attempt` (from 1) has failed is tried again, ms since the epoch; undefined: not by itself. What the provider refuses it would
 * refuse again, and a connection that has to be made anew is waited for by nobody.
 */
export function nextTry(error: LwiError, attempt: number, now: number): number | undefined {
  if (error.category !== 'unavailable' && error.category !== 'storage') return undefined;
  const wait = WAITS_MS[attempt - 1];
  return wait === undefined ? undefined : now + Math.max(wait, error.facts.retryAfterMs ?? 0);
}

/** What was thrown, as the failure of one event: a defect in reading one must not end the work for all others. */
export function asFailure(error: unknown): LwiError {
  if (error instanceof LwiError) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'Something unknown was thrown.';
  return new LwiError('INTERNAL', what, { cause: error });
}
