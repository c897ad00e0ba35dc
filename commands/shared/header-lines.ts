import { LwiError } from '../../src/errors.ts';

/** `-H "Name: value"` lines as headers; a name given twice keeps both values, because a verifier must see that. */
export function headerBag(lines: readonly string[]): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = {};
  for (const line of lines) {
    const [name, value] = headerLine(line);
    const before = bag[name];
    bag[name] = before === undefined ? value : [before, value].flat();
  }
  return bag;
}

/** One `Name: value` line; the name in lower case. Throws USAGE. */
export function headerLine(line: string): [name: string, value: string] {
  const at = line.indexOf(':');
  const name = line.slice(0, at).trim().toLowerCase();
  if (at < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw new LwiError('USAGE', '-H takes "Name: value".');
  return [name, line.slice(at + 1).trim()];
}
