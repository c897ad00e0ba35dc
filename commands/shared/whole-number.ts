import { LwiError } from '../../src/errors.ts';

/** A whole number of an option, from 0 (or `least`) up to nine digits. Throws USAGE. */
export function wholeNumber(text: string, option: string, least = 0): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new LwiError('USAGE', `${option} takes a whole number${least > 0 ? ` from ${least}` : ''}, not "${text}".`);
}
