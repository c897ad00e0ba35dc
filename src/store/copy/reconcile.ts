import type { CopiedTable } from './copied-tables.ts';
import type { CopySide, CopyTarget, Row } from './copy-side.ts';
import { differingCells, keyText } from './row-key.ts';

/** What was done to a table. */
export interface Reconciled {
  /** Rows of the source. */
  readonly rows: number;
  /** Those that were written. */
  readonly copied: number;
}

/** A page of `side` beside what the other one has of it. */
export interface PageComparison {
  readonly rows: readonly Row[];
  /** Rows that the other side does not have. */
  readonly missing: readonly Row[];
  /** Rows that it has otherwise, with the columns. */
  readonly different: readonly { readonly row: Row; readonly columns: readonly string[] }[];
}

/** All rows of `side` page by page, each beside the rows of `other` with the same keys, so that the order in which a database keeps them is of no matter. */
export async function* comparedPages(
  table: CopiedTable,
  side: CopySide,
  other: CopySide,
): AsyncGenerator<PageComparison, void, undefined> {
  for await (const rows of pagesOf(table, side)) {
    const there = new Map((await other.find(table, rows)).map((row) => [keyText(table, row), row]));
    const missing: Row[] = [];
    const different: PageComparison['different'][number][] = [];
    for (const row of rows) {
      const found = there.get(keyText(table, row));
      const columns = found && differingCells(table, row, found);
      if (columns === undefined) missing.push(row);
      else if (columns.length > 0) different.push({ row, columns });
    }
    yield { rows, missing, different };
  }
}

/**
 * Makes a table of the target what that of the source is. What is there already is compared, not believed: a copy that was broken off goes on, also when its
 * source has changed meanwhile. `onRows` is told how many rows of the source are done.
 */
export async function reconcile(
  table: CopiedTable,
  { source, target }: { readonly source: CopySide; readonly target: CopyTarget },
  onRows: (done: number) => void,
): Promise<Reconciled> {
  const fresh = (await target.count(table)) === 0;
  // Before anything is written: a row that is gone from the source may stand in the way of its successor.
  if (!fresh) await removeStrays(table, source, target);
  let rows = 0;
  let copied = 0;
  for await (const page of fresh ? asMissing(table, source) : comparedPages(table, source, target)) {
    const put = [...page.missing, ...page.different.map(({ row }) => row)];
    if (put.length > 0) await target.change(table, { put });
    rows += page.rows.length;
    copied += put.length;
    onRows(rows);
  }
  return { rows, copied };
}

async function removeStrays(table: CopiedTable, source: CopySide, target: CopyTarget): Promise<void> {
  for await (const { missing } of comparedPages(table, target, source)) {
    if (missing.length > 0) await target.change(table, { remove: missing });
  }
}

async function* asMissing(table: CopiedTable, source: CopySide): AsyncGenerator<PageComparison, void, undefined> {
  for await (const rows of pagesOf(table, source)) yield { rows, missing: rows, different: [] };
}

async function* pagesOf(table: CopiedTable, side: CopySide): AsyncGenerator<readonly Row[], void, undefined> {
  let after: Row | undefined;
  for (;;) {
    const rows = await side.page(table, after);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1);
  }
}
