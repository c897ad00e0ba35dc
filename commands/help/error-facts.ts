import { type Category, ERROR_KINDS, type ErrorCode } from '../../src/errors.ts';
import { CATEGORY_MEANINGS, ERROR_MEANINGS } from './error-meanings.ts';

/** One error code with everything that is known of it before it happens. */
export interface ErrorFact {
  readonly code: ErrorCode;
  readonly category: Category;
  /** Exit code of the process. */
  readonly exitCode: number;
  /** Whether the same command may succeed later with nothing changed; a single error may know better. */
  readonly retryable: boolean;
  readonly meaning: string;
  /** What to do, where the error itself does not say better. */
  readonly remedy: string;
}

/** All error codes in the order of their exit codes. */
export const ERROR_FACTS: readonly ErrorFact[] = (Object.keys(ERROR_KINDS) as ErrorCode[]).map((code) => {
  const { category, exit, retryable, remedy } = ERROR_KINDS[code];
  // On a page there is no case that would name its provider.
  const general = remedy.replaceAll('{provider}', '<provider>');
  return { code, category, exitCode: exit, retryable, meaning: ERROR_MEANINGS[code], remedy: general };
});

/** One exit code of the process. */
export interface ExitCode {
  readonly exitCode: number;
  /** Absent: nothing failed. */
  readonly category?: Category;
  readonly meaning: string;
  /** The error codes that end with it. */
  readonly errors: readonly ErrorCode[];
}

/** Every exit code, from 0 up. */
export const EXIT_CODE_FACTS: readonly ExitCode[] = [
  { exitCode: 0, meaning: 'Done', errors: [] },
  ...[...new Set(ERROR_FACTS.map(({ exitCode }) => exitCode))].map((exitCode) => {
    const of = ERROR_FACTS.filter((fact) => fact.exitCode === exitCode);
    const category = of[0]?.category ?? 'defect';
    return { exitCode, category, meaning: CATEGORY_MEANINGS[category], errors: of.map(({ code }) => code) };
  }),
];
