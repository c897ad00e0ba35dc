import { stripVTControlCharacters } from 'node:util';
import { printable } from './printable.ts';
import { stringWidth } from './string-width.ts';
import { wrappedText } from './wrapped-text.ts';

/** One column of a table: its heading and the cell of a row. Cells may carry colour. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Where there is no room, cells are cut to no fewer characters than this. Absent: never. Cells that are cut carry no colour. */
  readonly least?: number;
  /** Where there is still no room, the column is left out; those of the lowest number first. Absent: never. */
  readonly spare?: number;
}

/**
 * Lines of an aligned table. When it is wider than `width` characters, cells are cut and columns left out as far as these allow it, which a last line
 * says; where that is not enough each row becomes a block of `heading  cell` lines with nothing missing. Columns that are empty in every row are left out.
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const all = columns.map((column) => measured(column, rows)).filter(({ cells }) => cells.some((cell) => cell !== ''));
  const missing = new Set<MeasuredColumn>();
  const dispensable = all.filter(({ spare }) => spare !== undefined).sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0));
  for (const next of [undefined, ...dispensable]) {
    if (next) missing.add(next);
    if (fitted(without(all, missing), width)) return narrowed(all, missing, rows.length, width);
  }
  return blocks(all, rows.length);
}

/** Once a wide column is out there may be room again for those that went before it. */
function narrowed(
  all: readonly MeasuredColumn[],
  out: ReadonlySet<MeasuredColumn>,
  rows: number,
  width: number,
): string[] {
  const missing = new Set(out);
  for (const column of [...out].reverse()) {
    missing.delete(column);
    if (!fitted(without(all, missing), width)) missing.add(column);
  }
  return [...aligned(fitted(without(all, missing), width) ?? all, rows), ...leftOut(missing)];
}

function without(all: readonly MeasuredColumn[], missing: ReadonlySet<MeasuredColumn>): readonly MeasuredColumn[] {
  return all.filter((column) => !missing.has(column));
}

/** A column with its cells as they are shown. */
interface MeasuredColumn {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly least: number | undefined;
  readonly spare: number | undefined;
}

function measured<Row>(
  { heading, cell, align = 'left', least, spare }: Column<Row>,
  rows: readonly Row[],
): MeasuredColumn {
  const cells = rows.map((row) => printable(cell(row)));
  return { heading, cells, align, least, spare, width: widest([heading, ...cells]) };
}

/** The columns with cells cut so that all fit into `width`, the widest first; undefined when they do not. */
function fitted(columns: readonly MeasuredColumn[], width: number): readonly MeasuredColumn[] | undefined {
  const widths = columns.map((column) => column.width);
  const floor = ({ least, heading, width: wide }: MeasuredColumn) =>
    Math.min(wide, Math.max(least ?? wide, heading.length));
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP * Math.max(0, columns.length - 1) - width;
  while (excess > 0) {
    const room = columns.map((column, at) => ((widths[at] ?? 0) > floor(column) ? (widths[at] ?? 0) : 0));
    const most = Math.max(0, ...room);
    if (most === 0) return undefined;
    widths[room.indexOf(most)] = most - 1;
    excess -= 1;
  }
  return columns.map((column, at) => {
    const to = widths[at] ?? 0;
    return to === column.width ? column : { ...column, width: to, cells: column.cells.map((cell) => cut(cell, to)) };
  });
}

function aligned(columns: readonly MeasuredColumn[], rows: number): string[] {
  const line = (text: (column: MeasuredColumn) => string) =>
    columns
      .map((column) => pad(text(column), column.width, column.align))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    line(({ heading }) => heading.toUpperCase()),
    ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? '')),
  ];
}

function leftOut(missing: ReadonlySet<MeasuredColumn>): string[] {
  if (missing.size === 0) return [];
  return [
    `(no room for ${[...missing].map(({ heading }) => heading).join(', ')}: a wider terminal or --json shows more)`,
  ];
}

/** The beginning of a text that takes at most `width` columns, with a sign that more follows. */
function cut(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  if (stringWidth(plain) <= width) return text;
  let kept = '';
  for (const character of plain) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, stringWidth(text)), 0);
}

/** Two aligned columns of names and values; empty values are left out, and those wider than what `width` leaves go on below themselves. */
export function renderPairs(
  pairs: readonly (readonly [string, string])[],
  width: number = Number.POSITIVE_INFINITY,
): string[] {
  const shown = pairs.map(([name, value]) => [name, printable(value)] as const).filter(([, value]) => value !== '');
  const wide = widest(shown.map(([name]) => name));
  const room = Math.max(LEAST_ROOM, width - wide - GAP);
  return shown.flatMap(([name, value]) =>
    wrappedText(value, room).map((line, at) => `${pad(at === 0 ? name : '', wide, 'left')}  ${line}`),
  );
}

/** At least so much room is left for a value, characters. */
const LEAST_ROOM = 30;

const GAP = 2;

function blocks(columns: readonly MeasuredColumn[], rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => row).flatMap((row) => {
    const pairs = columns.map(({ heading, cells }) => [heading, cells[row] ?? ''] as const);
    return row === 0 ? renderPairs(pairs) : ['', ...renderPairs(pairs)];
  });
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? spaces + text : text + spaces;
}
