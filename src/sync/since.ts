import { LwiError } from '../errors.ts';
import { readSpan } from '../span.ts';

/**
 * Reads `--since`: a date (`2026-01-05`, midnight UTC), an ISO time with a zone, a span back from now (`36h`, `7d`), or `last`.
 * Returns ms since the epoch, or undefined for `last`. Throws USAGE.
 */
export function parseSince(text: string, now: number): number | undefined {
  if (text === 'last') return undefined;
  const span = readSpan(text);
  // Longer than there are times means everything.
  if (span !== undefined) return Math.max(0, now - span);
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = iso ? Date.parse(text) : Number.NaN;
  // JavaScript reads 2026-02-30 as 2 March; a person who typed it meant something else.
  const day = iso ? Number(text.slice(8, 10)) : 0;
  const exists = !Number.isNaN(at) && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
  if (!exists) {
    throw new LwiError(
      'USAGE',
      `--since takes a date, an ISO time with its zone, a span such as 36h or 7d, or last, not "${text}".`,
    );
  }
  if (at > now) throw new LwiError('USAGE', `--since ${text} lies in the future.`);
  return at;
}
