import { LwiError } from '../../src/errors.ts';
import { collectHeaders } from '../../src/webhooks/collect-headers.ts';

/** `-H "Name: value"` lines as headers; a name given twice keeps both values, because a verifier must see that. */
export function headerBag(lines: readonly string[]): Record<string, string | string[]> {
  return collectHeaders(lines.map(headerLine));
}

/** One `Name: value` line; the name in lower case. Throws USAGE. */
export function headerLine(line: string): [name: string, value: string] {
  const at = line.indexOf(':');
  const name = line.slice(0, at).trim().toLowerCase();
  if (at < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw new LwiError('USAGE', '-H takes "Name: value".');
  return [name, line.slice(at + 1).trim()];
}
