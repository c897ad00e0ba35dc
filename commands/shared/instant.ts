import { LwiError } from '../../src/errors.ts';

/** An instant given by a person: ISO time with its zone, or epoch seconds as webhooks carry them. Ms since the epoch. Throws USAGE. */
export function parseInstant(text: string, option: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = iso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new LwiError(
      'USAGE',
      `${option} takes an ISO time such as 2026-01-05T10:00:00Z, or epoch seconds, not "${text}".`,
    );
  return at;
}
