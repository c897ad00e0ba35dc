import { LwiError } from '../../src/errors.ts';
import { parseSpan } from '../../src/span.ts';

/** Longest wait for one answer, ms. */
export const LONGEST_SEND_MS = 600_000;

/** Reads `--timeout` of what sends webhooks into ms. Throws USAGE. */
export function sendTimeoutOf(text: string): number {
  const ms = parseSpan(text, '--timeout');
  if (ms > 0 && ms <= LONGEST_SEND_MS) return ms;
  throw new LwiError('USAGE', `--timeout takes a span up to 10m, not "${text}".`);
}
