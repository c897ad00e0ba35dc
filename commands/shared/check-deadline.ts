import { LwiError } from '../../src/errors.ts';
import { parseSpan } from '../../src/span.ts';

/** Reads `--timeout` of what runs checks, the time for all of them together, into ms. Throws USAGE, for 0 too. */
export function checkDeadline(text: string): number {
  const ms = parseSpan(text, '--timeout');
  if (ms > 0) return ms;
  throw new LwiError('USAGE', `--timeout takes a span above 0, such as 30s, not "${text}".`);
}
