import { LwiError } from './errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads a span such as `90s`, `36h`, `7d` or `500ms` into milliseconds; undefined when it is none. */
export function readSpan(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/.exec(text.trim());
  const unit = match?.[2] && UNITS[match[2]];
  return match && unit ? Math.round(Number(match[1]) * unit) : undefined;
}

/** The same for an option. Throws USAGE naming it. */
export function parseSpan(text: string, option: string): number {
  const span = readSpan(text);
  if (span === undefined) throw new LwiError('USAGE', `${option} takes a span such as 90s, 5m, 36h or 7d, not "${text}".`);
  return span;
}

/** A span for people, in its one or two largest units: `47m`, `2h 5m`, `13d 4h`. */
export function formatSpan(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(size)}ms`;
  const steps: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  const first = steps.findIndex(([, unit]) => size >= unit);
  const parts: string[] = [];
  let rest = size;
  for (const [name, unit] of steps.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    if (count > 0) parts.push(`${count}${name}`);
    rest -= count * unit;
  }
  return parts.join(' ');
}
