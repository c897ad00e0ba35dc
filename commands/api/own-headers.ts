import { LwiError } from '../../src/errors.ts';
import { headerLine } from '../shared/header-lines.ts';

/** Headers that lwi writes itself; taking another value for them would be a lie, and a credential is never taken from argv. */
const OURS = /^(authorization|host|content-length|connection|transfer-encoding)$/;

/** The `-H` lines as headers, names in lower case. Throws USAGE. */
export function ownHeaders(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map(headerLine);
  const taken = pairs.find(([name]) => OURS.test(name));
  if (taken) throw new LwiError('USAGE', `-H cannot set ${taken[0]}: lwi writes it.`);
  return Object.fromEntries(pairs);
}
