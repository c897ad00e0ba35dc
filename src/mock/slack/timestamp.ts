/** A message is told by its time: six digits after the point, the last three always the same. Never a number. */
export function timestampOf(at: number): string {
  return `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}100`;
}

/** Microseconds since the epoch; undefined for what is no timestamp. Exact: 16 digits. */
export function microsecondsOf(timestamp: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(timestamp);
  return match === null ? undefined : Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}
