import { LwiError } from '../../src/errors.ts';
import { headerLine } from '../shared/header-lines.ts';

/** Headers that lwi or the connection writes itself; taking another value for them would be a lie. */
const OURS = /^(host|content-length|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect)$/;

/** Headers whose value is a credential: every user of the machine can read a command line. */
const CREDENTIALS = /^(authorization|proxy-authorization|cookie)$/;

/** A field value (RFC 9110, 5.5) as bytes: visible ASCII, blanks, tabs and Latin-1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not be there
const FIELD_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]*$/;

/**
 * The `-H` lines as headers, names in lower case; a name that is given twice keeps both values, as a list (RFC 9110, 5.3). Throws USAGE, without
 * the value.
 */
export function ownHeaders(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of lines.map(headerLine)) {
    if (OURS.test(name)) throw new LwiError('USAGE', `-H cannot set ${name}: lwi writes it.`);
    if (CREDENTIALS.test(name)) {
      throw new LwiError('USAGE', `-H cannot set ${name}: credentials are never taken from the command line.`, {
        hint: 'Leave it out: lwi puts the token of the connection on every request.',
      });
    }
    if (!FIELD_VALUE.test(value))
      throw new LwiError('USAGE', `The value of -H ${name} holds characters that no header can carry.`);
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
