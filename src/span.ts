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
  if (span === undefined)
    throw new LwiError('USAGE', `${option} takes a span such as 90s, 5m, 36h or 7d, not "${text}".`);
  return span;
}

const STEPS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** Nobody counts days beyond some hundreds, ms. */
const YEAR = 365 * 86_400_000;

/** A span for people, in its one or two largest units, rounded to the smaller: `350ms`, `47s`, `1h`, `2h 5m`, `13d 4h`. */
export function formatSpan(ms: number): string {
  const size = Math.abs(ms);
  if (size < 999.5) return `${Math.round(size)}ms`;
  const largest = STEPS.findIndex(([, unit]) => size >= unit - 0.5);
  const smaller = STEPS[largest + 1]?.[1] ?? 1000;
  const rounded = Math.round(size / smaller) * smaller;
  // Rounding may have reached the next larger unit: 59m 59.9s is 1h.
  const first = STEPS.findIndex(([, unit]) => rounded >= unit);
  let rest = rounded;
  return STEPS.slice(first, first + 2)
    .flatMap(([name, unit]) => {
      const count = Math.floor(rest / unit);
      rest -= count * unit;
      return count > 0 ? [`${count}${name}`] : [];
    })
    .join(' ');
}

/** As people say it: with one unit where there are ten or more of it (`48m`, `12h`, `101d`), else like `formatSpan`; years from the second on (`5y`). */
export function roughSpan(ms: number): string {
  const size = Math.abs(ms);
  const unit = STEPS.find(([, each]) => size >= 10 * each);
  if (unit === undefined) return formatSpan(size);
  if (size >= 2 * YEAR) return `${Math.round(size / YEAR)}y`;
  return formatSpan(Math.round(size / unit[1]) * unit[1]);
}
