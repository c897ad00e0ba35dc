import { LwiError } from '../../src/errors.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Reads `--rate`, such as `5/s` or `30/m`, as the ms from one to the next. Throws USAGE. */
export function readRate(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)\/(s|m|h)$/.exec(text) ?? [];
  const everyMs = (UNITS[unit] ?? Number.NaN) / Number(count);
  if (Number.isFinite(everyMs)) return everyMs;
  throw new LwiError('USAGE', `--rate takes a number in a time, such as 5/s, 30/m or 100/h, not "${text}".`);
}
