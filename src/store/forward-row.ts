import type { ForwardState } from './forwards.ts';
import type { ForwardAttempt, ListedForward } from './inbox-reading.ts';

/** What is said of an attempt whose process died. */
export const NO_END = 'lwi was ended while it was sending; whether the target had it is not known';

/** What is said of an attempt that has not ended yet. */
export const UNDER_WAY = 'under way';

/** A row of `forwards`, as far as people see it; `dueAt` only while it waits. */
export interface ForwardRow {
  readonly target: string;
  readonly state: ForwardState;
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly lastError: string | null;
}

/** A row of `forward_attempts`. */
export interface AttemptRow {
  readonly target: string;
  readonly attempt: number | null;
  readonly startedAt: number;
  readonly tookMs: number | null;
  readonly status: number | null;
  readonly error: string | null;
}

export function toForward({ dueAt, lastError, ...row }: ForwardRow): ListedForward {
  return { ...row, dueAt: dueAt ?? undefined, lastError: lastError ?? undefined };
}

export function toAttempt({ target, attempt, startedAt, tookMs, status, error }: AttemptRow): ForwardAttempt {
  return {
    ...{ target, startedAt, attempt: attempt ?? undefined, tookMs: tookMs ?? undefined },
    ...{ status: status ?? undefined, error: error ?? undefined },
  };
}
