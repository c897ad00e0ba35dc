import { dottedValue } from '../../src/dotted-path.ts';
import type { SetAsideRow, StoredRecord } from '../../src/store/record-tables.ts';
import { iso } from '../shared/when.ts';

/** Rows as lines of CSV (RFC 4180), the first of them the names. */
export interface CsvForm<Row> {
  readonly heading: string;
  line(row: Row): string;
}

/** Records with the columns of their stream (name -> dotted path). */
export function recordCsv(columns: Readonly<Record<string, string>>): CsvForm<StoredRecord> {
  const names = ['account', 'company', 'id', 'updated_at', 'deleted', ...Object.keys(columns), 'data'];
  const paths = Object.values(columns);
  return {
    heading: csvLine(names),
    line({ account, externalId, id, updatedAt, deleted, data }) {
      const content: unknown = paths.length > 0 ? JSON.parse(data) : undefined;
      const own = paths.map((path) => dottedValue(content, path));
      return csvLine([account, externalId, id, iso(updatedAt), deleted !== false, ...own, data]);
    },
  };
}

/** Rows that could not be read. */
export const SET_ASIDE_CSV: CsvForm<SetAsideRow> = {
  heading: csvLine(['account', 'company', 'set_aside_at', 'reason', 'request', 'data']),
  line: ({ account, externalId, at, reason, request, data }) =>
    csvLine([account, externalId, iso(at), reason, request, data]),
};

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** Nothing is an empty cell; objects and lists are JSON. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
