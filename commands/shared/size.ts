import { LwiError } from '../../src/errors.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, kb: 1024, m: 1024 ** 2, mb: 1024 ** 2 };

/** Bytes of an option such as `512kb`, `1mb` or `1048576`; at most 64 MiB. Throws USAGE. */
export function parseSize(text: string, option: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9})([a-z]{0,2})$/i.exec(text.trim()) ?? [];
  const size = Number(number || Number.NaN) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (size >= 1 && size <= 64 * 1024 ** 2) return size;
  throw new LwiError('USAGE', `${option} takes a size up to 64mb, such as 512kb or 1mb, not "${text}".`);
}
