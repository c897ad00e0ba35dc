/** A message is told by its time and a number that keeps those of one millisecond apart: six digits after the point. Never a number. */
export function timestampOf(at: number, serial = FIRST_SERIAL): string {
  return `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}${String(serial).padStart(3, '0')}`;
}

/** What the messages of a channel have in the last three digits; replies have higher ones. */
export const FIRST_SERIAL = 100;

/** Microseconds since the epoch; undefined for what is no timestamp. Exact: 16 digits. */
export function microsecondsOf(timestamp: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(timestamp);
  return match === null ? undefined : Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}
