import { httpDate } from './retry-after.ts';

/** A value, or why there is none: a sentence without its capital and its stop. */
export type Reading = { readonly value: number } | { readonly why: string };

/** A longer time to a reset is taken for nonsense, ms: a month and a day. Quotas by the month exist, longer ones are unheard of. */
export const LONGEST_RESET_MS = 32 * 86_400_000;

/** A longer window is taken for nonsense, ms: a leap year and some days. */
export const LONGEST_WINDOW_MS = 400 * 86_400_000;

/** A reset that is over for longer than this is nonsense and not just a window that has passed, ms: a day. */
const LONGEST_PAST_MS = 86_400_000;

/** A number of requests: whole, or with a fraction that is cut off (Reddit sends `598.0`). At most 15 digits. */
export function readCount(text: string): Reading {
  const found = /^(\d{1,15})(?:\.\d{1,9})?$/.exec(text);
  return found ? { value: Number(found[1]) } : { why: noNumber(text) };
}

/** How a header's name says what its number is; `bare` where it does not. */
export type ResetUnit = 'bare' | 'seconds' | 'milliseconds';

/**
 * The time until a reset, ms from now, from any form that is sent: a number, a duration, an HTTP-date, an ISO time. Times are compared with
 * `base`, ms since the epoch: the answer's own `Date` where there is one, because the provider's clock may be off.
 *
 * A bare number means by its size, of which the ranges lie far apart:
 * up to 2,764,800 (32 days): seconds from now (the IETF drafts, Reddit);
 * 10^9 to 10^11: seconds since 1970 (GitHub, X, Discord with a fraction, GitLab even as `RateLimit-Reset`);
 * 10^12 to 10^14: milliseconds since 1970. Everything between is nonsense. Milliseconds from now are believed only where the name says so.
 */
export function readReset(text: string, unit: ResetUnit, base: number): Reading {
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return readNumber(Number(text), unit, base);
  const duration = readDuration(text);
  if (duration !== undefined) return bounded(duration);
  const at = httpDate(text) ?? isoTime(text) ?? scriptDate(text);
  return at === undefined ? { why: noTime(text) } : bounded(at - base);
}

function readNumber(value: number, unit: ResetUnit, base: number): Reading {
  if (unit === 'milliseconds') return bounded(value);
  if (unit === 'seconds' || value * 1000 <= LONGEST_RESET_MS) return bounded(value * 1000);
  if (value >= 1e9 && value < 1e11) return bounded(value * 1000 - base);
  if (value >= 1e12 && value < 1e14) return bounded(value - base);
  return { why: 'it is neither a delay nor a time of these days' };
}

function bounded(ms: number): Reading {
  if (ms > LONGEST_RESET_MS) return { why: 'it lies more than a month ahead' };
  if (ms < -LONGEST_PAST_MS) return { why: 'it lies more than a day back' };
  return { value: Math.max(0, Math.round(ms)) };
}

/** `6m0s`, `1s`, `120ms`, `4h51m22s`, as Go prints durations (OpenAI's rate-limit guide). */
function readDuration(text: string): number | undefined {
  const form =
    /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?$/;
  const found = text === '' ? null : form.exec(text);
  if (found === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return days * 86_400_000 + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + ms;
}

/** RFC 3339 with its zone, e.g. `2026-01-05T10:00:00Z`. */
function isoTime(text: string): number | undefined {
  const form = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
  return form.test(text) ? readable(text) : undefined;
}

/** JavaScript's `String(new Date())`, e.g. `Tue Feb 16 2021 09:02:42 GMT+0100 (Central European Standard Time)` (Lemlist's rate-limit page). */
function scriptDate(text: string): number | undefined {
  const found = /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4}/.exec(text);
  return found ? readable(found[0]) : undefined;
}

function readable(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function noNumber(text: string): string {
  if (text === '') return 'it is empty';
  if (/^-\d/.test(text)) return 'it is negative';
  return /^\d+(\.\d*)?$/.test(text) ? 'it has too many digits' : 'it is not a number';
}

function noTime(text: string): string {
  return /^-?[\d.]*$/.test(text) ? noNumber(text) : 'it is neither a number nor a date';
}

/**
 * The values of a header that came several times and was joined by commas (RFC 9110, 5.3). The comma behind the weekday of an HTTP-date
 * parts nothing.
 */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const before = values.at(-1);
    if (before !== undefined && /^[A-Z][a-z]{2,8}$/.test(before)) values[values.length - 1] = `${before}, ${part}`;
    else values.push(part);
  }
  return values;
}
