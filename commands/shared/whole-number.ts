import { LwiError } from '../../src/errors.ts';

/** A whole number of an option, from 0 (or `least`) up to `most`, or nine digits. Throws USAGE. */
export function wholeNumber(text: string, option: string, least = 0, most?: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= (most ?? value)) return value;
  const range = most !== undefined ? ` from ${least} to ${most}` : least > 0 ? ` from ${least}` : '';
  throw new LwiError('USAGE', `${option} takes a whole number${range}, not "${text}".`);
}

/** The port of an option, from `least` (0: any free one). Throws USAGE. */
export function portNumber(text: string, least = 0): number {
  return wholeNumber(text, '--port', least, 65_535);
}
