import { dottedValue } from '../../src/dotted-path.ts';
import { plainText } from '../../src/printable.ts';
import type { RecordList, SetAsideRow, StoredRecord } from '../../src/store/record-tables.ts';
import { type Column, renderTable } from '../../src/table.ts';
import { iso } from '../shared/when.ts';
import { differing } from './differing-columns.ts';

interface TableForm {
  readonly width: number;
  readonly whose: readonly ('provider' | 'entity')[];
}

/** No cell is wider than this, characters. */
const WIDEST = 20;
/** Ids are there to be copied. */
const WIDEST_ID = 80;
/** JSON says nothing in less, characters. */
const LEAST_JSON = 16;
const GAP = 2;

/**
 * Records with as many columns of their stream as fit into `width`; without such columns, with the beginning of their data. `whose`: said of every row,
 * also where it is the same in all.
 */
export function recordTable(
  rows: readonly StoredRecord[],
  { columns, state, width, whose }: TableForm & { columns: Readonly<Record<string, string>>; state: boolean },
): string[] {
  const fixed: Column<StoredRecord>[] = [
    ...differing(rows, ['provider', 'account', 'company', 'entity'], whose),
    { heading: 'id', cell: ({ id }) => clipped(id, WIDEST_ID) },
    { heading: 'updated', cell: ({ updatedAt }) => timeText(updatedAt) },
    ...(state ? [{ heading: 'state', cell: stateOf }] : []),
  ];
  const parsed = new Map(rows.map((row) => [row, JSON.parse(row.data) as unknown]));
  const own = Object.entries(columns)
    // Ids of other records are for programs.
    .filter(([name]) => !name.endsWith('_id'))
    .map(([name, path]): Column<StoredRecord> => {
      const values = rows.map((row) => dottedValue(parsed.get(row), path) ?? '');
      const numbers = values.every((value) => typeof value === 'number' || value === '');
      const cell = (row: StoredRecord) => cellText(dottedValue(parsed.get(row), path));
      return { heading: name.replaceAll('_', ' '), cell, ...(numbers ? { align: 'right' as const } : {}) };
    });
  const shown = own.length > 0 ? fitting(fixed, own, rows, width) : [...fixed, ...dataColumn(fixed, rows, width)];
  return renderTable(shown, rows, width);
}

/** Rows that could not be read, each with its reason. */
export function setAsideTable(rows: readonly SetAsideRow[], { width, whose }: TableForm): string[] {
  const fixed: Column<SetAsideRow>[] = [
    ...differing(rows, ['provider', 'account', 'company', 'entity'], whose),
    { heading: 'set aside', cell: ({ at }) => timeText(at) },
    { heading: 'reason', cell: ({ reason }) => plainText(reason) },
  ];
  return renderTable([...fixed, ...dataColumn(fixed, rows, width)], rows, width);
}

/** Those of `own` that have something in them and still fit into `width`, the first ones first. */
function fitting<Row>(
  fixed: readonly Column<Row>[],
  own: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Column<Row>[] {
  let left = leftOf(fixed, rows, width);
  const taken = [...fixed];
  for (const column of own) {
    const wide = widthOf(column, rows);
    if (wide > left || rows.every((row) => column.cell(row) === '')) continue;
    left -= wide;
    taken.push(column);
  }
  return taken;
}

/** The data in what is left of the width, if that is enough. */
function dataColumn<Row extends RecordList & { readonly data: string }>(
  fixed: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Column<Row>[] {
  const left = leftOf(fixed, rows, width) - GAP;
  return left < LEAST_JSON ? [] : [{ heading: 'data', cell: ({ data }) => clipped(data, left) }];
}

/** The last column has no gap behind it. */
const leftOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number) =>
  width + GAP - columns.reduce((sum, column) => sum + widthOf(column, rows), 0);

const widthOf = <Row>({ heading, cell }: Column<Row>, rows: readonly Row[]) =>
  GAP + Math.max(heading.length, ...rows.map((row) => cell(row).length));

function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return clipped(typeof value === 'object' ? JSON.stringify(value) : String(value), WIDEST);
}

function clipped(text: string, most: number): string {
  const plain = plainText(text.slice(0, 4 * most));
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

const stateOf = ({ deleted }: StoredRecord) => (deleted === 'absent' ? 'absent' : deleted ? 'deleted' : 'live');

const timeText = (at: number | undefined) => iso(at)?.replace(/:\d\d\.\d+/, '') ?? '';
