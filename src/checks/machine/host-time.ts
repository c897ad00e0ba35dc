/** When a request left and its answer came, ms since the epoch. */
export interface Exchange {
  readonly sentAt: number;
  readonly cameAt: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * How far the clock of who answered is ahead of ours, ms; undefined when the answer has no `Date`. Middle is compared with middle: the field has whole
 * seconds (RFC 9110, 6.6.1). An answer out of a cache is as old as its `Age` says (RFC 9111, 5.1).
 */
export function hostAhead({ sentAt, cameAt, headers }: Exchange): number | undefined {
  const date = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(date)) return undefined;
  const age = /^\d{1,9}$/.test(headers['age'] ?? '') ? Number(headers['age']) * 1000 : 0;
  return date + 500 + age - (sentAt + cameAt) / 2;
}
