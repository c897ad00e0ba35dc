import type { ErrorCode } from '../errors.ts';

/** What a check says of itself. An `LwiError` that it throws is a failure too, with the code and the hint of the error. */
export type Finding =
  /** All is well, and what was seen that shows it. */
  | { readonly outcome: 'pass'; readonly evidence: string }
  /** It does not apply here, or cannot be told, and why. Never a way to pass over trouble. TIMEOUT: nobody looked, because the time of all was over. */
  | { readonly outcome: 'skip'; readonly reason: string; readonly code?: 'TIMEOUT' }
  /** What is wrong, and the next thing to do: a sentence with the command in backquotes. */
  | { readonly outcome: 'fail'; readonly reason: string; readonly next: string; readonly code?: ErrorCode };

/** One thing to look at. Looks only: it leaves everything as it was, but for a token that is due. */
export interface Check {
  /** What is looked at, in kebab case: `clock-skew`. */
  readonly name: string;
  /** Of what: a provider, a connection (`north/quickbooks`), nothing for the machine. */
  readonly subject?: string | undefined;
  /** Heading under which people see it. */
  readonly group?: string | undefined;
  /** Names of checks that ran before, of the same subject or of none: when one of them did not pass, this one is skipped and says so. */
  readonly needs?: readonly string[];
  /** `signal` aborts when the time of all checks is over. */
  run(signal: AbortSignal): Promise<Finding>;
}

/** What became of a check. */
export type CheckResult = Pick<Check, 'name' | 'subject' | 'group'> &
  Finding & {
    /** How long it took, ms. */
    readonly durationMs: number;
  };

export const pass = (evidence: string): Finding => ({ outcome: 'pass', evidence });
export const skip = (reason: string): Finding => ({ outcome: 'skip', reason });
export const fail = (reason: string, next: string, code?: ErrorCode): Finding => ({
  outcome: 'fail',
  reason,
  next,
  ...(code === undefined ? {} : { code }),
});
