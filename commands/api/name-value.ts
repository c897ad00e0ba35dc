import { LwiError } from '../../src/errors.ts';

/** `name=value` as a pair; only the first `=` parts them. Throws USAGE, without the text, which may be a secret. */
export function nameValue(text: string, option: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new LwiError('USAGE', `${option} takes name=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
