import type { TableCopy } from '../../src/store/copy/copy-store.ts';
import { renderTable } from '../../src/table.ts';

/** One line for each table that has rows. */
export async function tableLines(tables: readonly TableCopy[], width: number): Promise<readonly string[]> {
  const count = (of: 'rows' | 'copied' | 'verified') => ({
    heading: of,
    cell: (table: TableCopy) => String(table[of]),
    align: 'right' as const,
  });
  return renderTable<TableCopy>(
    [{ heading: 'table', cell: ({ name }) => name }, count('rows'), count('copied'), count('verified')],
    tables.filter(({ rows, copied }) => rows + copied > 0),
    width,
  );
}
