import { LwiError } from '../../errors.ts';
import type { CopiedTable } from './copied-tables.ts';
import type { CopySide, Row } from './copy-side.ts';
import { comparedPages } from './reconcile.ts';
import { rowName } from './row-key.ts';

/**
 * Reads a table of both databases again, row by row, and gives how many rows are the same. Throws STORE_UNFINISHED, which names the first row that is not, by its key; and
 * STORE_DAMAGED where a database does not give as many rows as it counts.
 */
export async function verifyTable(
  table: CopiedTable,
  { source, target }: { readonly source: CopySide; readonly target: CopySide },
  onRows: (done: number) => void,
): Promise<number> {
  let rows = 0;
  for await (const { rows: page, missing, different } of comparedPages(table, source, target)) {
    if (missing[0]) throw unequal(table, missing[0], `is not in ${target.place}`);
    if (different[0]) {
      throw unequal(table, different[0].row, `is not the same in ${target.place} (${different[0].columns.join(', ')})`);
    }
    rows += page.length;
    onRows(rows);
  }
  const counted = await source.count(table);
  if (rows !== counted) {
    throw new LwiError('STORE_DAMAGED', `${source.place}: ${table.name} has ${counted} rows, but gives ${rows}`);
  }
  if ((await target.count(table)) === rows) return rows;
  for await (const { missing } of comparedPages(table, target, source)) {
    if (missing[0]) throw unequal(table, missing[0], `is in ${target.place}, but not in ${source.place}`);
  }
  throw new LwiError('STORE_DAMAGED', `${target.place}: ${table.name} does not give all the rows that it counts`);
}

function unequal(table: CopiedTable, row: Row, how: string): LwiError {
  return new LwiError('STORE_UNFINISHED', `The copy is not the same as its source: ${rowName(table, row)} ${how}.`, {
    hint: 'Run the same command again, with nobody else at work in either database: it mends what differs.',
  });
}
