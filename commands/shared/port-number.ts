import { LwiError } from '../../src/errors.ts';

/** The port of an option, from `least` (0: any free one) to 65535. Throws USAGE. */
export function portNumber(text: string, least = 0): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= 65_535) return value;
  throw new LwiError('USAGE', `--port takes a whole number from ${least} to 65535, not "${text}".`);
}
