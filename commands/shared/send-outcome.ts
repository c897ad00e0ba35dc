/** How what was sent ended, in the classes that decide the exit code. */
export type Outcome = 'ok' | 'refused' | 'unavailable';

/** 2xx is taken; what a repeat may help is no answer, 429 and 5xx. */
export function outcomeOf({ status }: { readonly status?: number | undefined }): Outcome {
  if (status === undefined || status === 429 || status >= 500) return 'unavailable';
  return status >= 200 && status < 300 ? 'ok' : 'refused';
}

/** The exit code of outcomes: that of the worst. */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = { ok: 0, refused: 4, unavailable: 5 };
