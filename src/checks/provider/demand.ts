import { LwiError } from '../../errors.ts';

/** Ends the line as failed, for this reason, unless it holds. */
export function demand(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new LwiError('CHECK_FAILED', reason);
}

/** The value, if there is one; else the line has failed. */
export function given<T>(value: T | undefined, reason: string): T {
  demand(value !== undefined, reason);
  return value;
}

/** What the work fails with; undefined when it does not. What is no LwiError is thrown. */
export async function failureOf(work: Promise<unknown>): Promise<LwiError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LwiError) return error;
    throw error;
  }
}
