/** What differs from run to run, and what stands for it. The longest come first. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d\b/g, '<day>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{3,4}[0-9a-f…-]*/g, '<uuid>'],
  [/\b[0-9a-f]{12,}\b/g, '<hex>'],
  [/\bEv[0-9A-Z]{6,}\b/g, '<event>'],
  [/\b1-[0-9a-z]{8}-[0-9a-z]+\b/g, '<request>'],
  // A column of times holds `now` for what is not a second old.
  [/\b(?:in )?\d+(?:\.\d+)?\s?(?:ms|s|min|m|h|d)\b(?: \d+(?:ms|s|m|h)\b)?(?: ago)?/g, '<span>'],
  [/\bnow\b/g, '<span>'],
  [/(?<=127\.0\.0\.1(?::|%3A))\d{5}\b/g, '<port>'],
];

/** What moves on a terminal, and is a line of its own only where there is none. */
const PROGRESS = /^\w+ [\w-]+: (?:\d+ changed, \d+ same, \d+ deleted, \d+ requests?|[A-Z_]+: .+)$/;

function normal(line: string): string {
  const told = VARIABLE.reduce((text, [pattern, name]) => text.replace(pattern, name), line);
  // Columns are as wide as what stands in them.
  return told.replace(/\s+/g, ' ').trim();
}

/**
 * What differs between the output that a page shows and the real one; undefined when nothing does. Times, spans, ids and free ports may be others. `…` on a line of its own
 * stands for any number of lines, within a line for anything.
 */
export function differenceOf(shown: readonly string[], real: readonly string[]): string | undefined {
  const wanted = trimmed(shown.map(normal));
  const found = trimmed(real.filter((line) => !PROGRESS.test(line)).map(normal));
  if (fits(wanted, found)) return undefined;
  return `the page shows\n${shown.join('\n')}\nand it was\n${real.join('\n')}`;
}

function fits(wanted: readonly string[], found: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return found.length === 0;
  if (first === '…') return found.some((_, at) => fits(rest, found.slice(at))) || rest.length === 0;
  return found.length > 0 && lineFits(first, found[0] ?? '') && fits(rest, found.slice(1));
}

function lineFits(wanted: string, found: string): boolean {
  const parts = wanted.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(found);
}

/** Without empty lines at both ends. */
function trimmed(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line !== '');
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1);
}
