import type { TimeFormat } from './definition.ts';

/** How each `since.format` writes a time; `ms` is ms since the epoch. Dates and seconds are cut, never rounded up. */
export const TIME_WRITERS: Readonly<Record<TimeFormat, (ms: number) => string>> = {
  iso: (ms) => new Date(ms).toISOString(),
  epoch: (ms) => String(Math.floor(ms / 1000)),
  epochMs: (ms) => String(Math.floor(ms)),
  date: (ms) => new Date(ms).toISOString().slice(0, 10),
};

/** Below this a bare number counts seconds (until the year 5138), above it milliseconds (since 1973). */
const SECONDS_BELOW = 1e11;
/** A whole time in the form that JavaScript reads (ECMA-262, 21.4.1.32). */
const PLAIN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;
/** ISO-8601 date, optional time, fraction and zone (RFC 3339, with a blank allowed for the T). */
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A time of a row, ms since the epoch: ISO-8601 (UTC where no zone stands), or a number of seconds or milliseconds, also as
 * text. Undefined when it is none of these.
 */
export function readTime(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return Number.isFinite(number) && number >= 0 ? fromNumber(number) : undefined;
  // What nearly all rows have is read at once.
  if (typeof value === 'string' && PLAIN.test(value)) {
    const plain = Date.parse(value);
    return Number.isNaN(plain) ? undefined : plain;
  }
  const [, day, time = '00:00', fraction = '0', zone = 'Z'] =
    (typeof value === 'string' && ISO.exec(value.trim())) || [];
  if (day === undefined) return undefined;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const seconds = time.length === 5 ? `${time}:00` : time;
  const ms = Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function fromNumber(number: number): number | undefined {
  const ms = Math.floor(number < SECONDS_BELOW ? number * 1000 : number);
  return ms <= 8.64e15 ? ms : undefined;
}
