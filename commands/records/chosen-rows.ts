import type { SetAsideRow, StoredRecord } from '../../src/store/record-tables.ts';
import type { RecordChoice } from './record-choice.ts';
import { recordCsv, SET_ASIDE_CSV } from './record-csv.ts';
import { recordLine, setAsideLine } from './record-line.ts';
import type { RowFilter } from './row-options.ts';

/** The records of all lists, one list after the other; at most `limit`. */
export async function* chosenRecords(
  { store, lists }: RecordChoice,
  { since, deleted, limit = Number.POSITIVE_INFINITY }: RowFilter,
): AsyncGenerator<StoredRecord> {
  let left = limit;
  for (const list of store ? lists : []) {
    for await (const record of store?.records({ ...list, since, deleted }) ?? []) {
      yield record;
      left -= 1;
      if (left <= 0) return;
    }
  }
}

/** The rows set aside, likewise. */
export async function* chosenSetAside(
  { store, lists }: RecordChoice,
  { since, limit = Number.POSITIVE_INFINITY }: RowFilter,
): AsyncGenerator<SetAsideRow> {
  let left = limit;
  for (const list of store ? lists : []) {
    for await (const row of store?.setAside(list, since) ?? []) {
      yield row;
      left -= 1;
      if (left <= 0) return;
    }
  }
}

/** Each row as a line of JSON. */
export async function* jsonLines(choice: RecordChoice, filter: RowFilter): AsyncGenerator<string> {
  if (filter.setAside) for await (const row of chosenSetAside(choice, filter)) yield setAsideLine(row);
  else for await (const record of chosenRecords(choice, filter)) yield recordLine(record);
}

/** Each row as a line of CSV, and the line of names that belongs before them; `columns` as a stream has them. */
export function csvLines(
  choice: RecordChoice,
  filter: RowFilter,
  columns: Readonly<Record<string, string>>,
): { readonly heading: string; readonly lines: AsyncIterable<string> } {
  const form = recordCsv(columns);
  const lines = async function* (): AsyncGenerator<string> {
    if (filter.setAside) for await (const row of chosenSetAside(choice, filter)) yield SET_ASIDE_CSV.line(row);
    else for await (const record of chosenRecords(choice, filter)) yield form.line(record);
  };
  return { heading: filter.setAside ? SET_ASIDE_CSV.heading : form.heading, lines: lines() };
}
