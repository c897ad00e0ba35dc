import type { Style } from '../../src/terminal.ts';
import { wrappedText } from '../../src/wrapped-text.ts';
import type { Entry, Section } from './topic.ts';

/** Terms up to so many characters stand beside their text, longer ones above it; and so much room a text has at least. */
const WIDEST_TERM = 30;
const LEAST_ROOM = 40;
const INDENT = 2;
const HANGING = 8;

/** Sections for people: headings, and under them terms with their texts in lines of at most `width` characters. */
export function topicLines(
  sections: readonly Section[],
  { width, style }: { readonly width: number; readonly style: Style },
): string[] {
  return sections.flatMap(({ heading, about, entries }, at) => [
    ...(at === 0 ? [] : ['']),
    ...(heading === undefined ? [] : wrappedText(heading, width).map(style.bold)),
    ...(about === undefined ? [] : wrappedText(about, width)),
    ...(about === undefined || entries.length === 0 ? [] : ['']),
    ...entryLines(entries, width),
  ]);
}

/** A term and a text are never broken apart by a page: each entry is a few lines. */
function entryLines(entries: readonly Entry[], width: number): string[] {
  const widest = Math.max(0, ...entries.map(({ term }) => term.length));
  const beside = widest <= WIDEST_TERM && width - widest - 2 * INDENT >= LEAST_ROOM;
  const margin = beside ? INDENT + widest + INDENT : HANGING;
  return entries.flatMap(({ term, text }) => {
    const [first = '', ...rest] = wrappedText(text, Math.max(LEAST_ROOM, width - margin));
    const indented = (line: string) => `${' '.repeat(margin)}${line}`;
    const head = `${' '.repeat(INDENT)}${term}`;
    return beside
      ? [`${head.padEnd(margin)}${first}`, ...rest.map(indented)]
      : [head, ...[first, ...rest].map(indented)];
  });
}
