/** Offset of the companies' zone, ms: times are shown in it. */
const ZONE_MS = -8 * 3_600_000;

/** `2026-01-05T02:00:00-08:00`, or with milliseconds as in the `time` of an answer. */
export function companyTime(ms: number, precision: 'seconds' | 'milliseconds' = 'seconds'): string {
  return `${new Date(ms + ZONE_MS).toISOString().slice(0, precision === 'seconds' ? 19 : 23)}-08:00`;
}
