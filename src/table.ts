import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';
import { printable } from './printable.ts';

/** One column of a table: its heading and the cell of a row. Cells may carry colour. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
}

/**
 * Lines of an aligned table. When it is wider than `width` characters, each row becomes a block of `heading  cell` lines, so that
 * nothing is cut off. Columns that are empty in every row are left out.
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const used = columns.map((_, at) => at).filter((at) => cells.some((row) => row[at] !== ''));
  const heading = (at: number) => columns[at]?.heading ?? '';
  const widths = used.map((at) =>
    Math.max(stringWidth(heading(at)), ...cells.map((row) => stringWidth(row[at] ?? ''))),
  );
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, used.length - 1);
  if (total > width)
    return blocks(
      used.map(heading),
      cells.map((row) => used.map((at) => row[at] ?? '')),
    );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, columns[used[i] ?? 0]?.align ?? 'left'))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(used.map((at) => heading(at).toUpperCase())),
    ...cells.map((row) => line(used.map((at) => row[at] ?? ''))),
  ];
}

/** Two aligned columns of names and values; empty values are left out. */
export function renderPairs(pairs: readonly (readonly [string, string])[]): string[] {
  const shown = pairs.map(([name, value]) => [name, printable(value)] as const).filter(([, value]) => value !== '');
  const widest = Math.max(0, ...shown.map(([name]) => stringWidth(name)));
  return shown.map(([name, value]) => `${pad(name, widest, 'left')}  ${value}`);
}

const GAP = 2;

function blocks(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap((row, i) => {
    const pairs = headings.map((heading, at) => [heading, row[at] ?? ''] as const);
    return i === 0 ? renderPairs(pairs) : ['', ...renderPairs(pairs)];
  });
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? spaces + text : text + spaces;
}

/**
 * Columns that a text takes in a terminal: none for colours, marks and format characters, two for wide ones. Not `string-width`, whose
 * segmenter costs more than the rest of a start; emoji joined from several are counted one by one.
 */
function stringWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) {
    if (!/^[\p{Mark}\p{Format}\p{Control}]$/u.test(character)) width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
}
