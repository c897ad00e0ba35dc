import { plainText } from '../../src/printable.ts';
import type { RecordList } from '../../src/store/record-tables.ts';
import type { Column } from '../../src/table.ts';

const CELLS = {
  provider: ({ provider }: RecordList) => provider,
  account: ({ account }: RecordList) => account,
  company: ({ externalId }: RecordList) => plainText(externalId),
  entity: ({ entity }: RecordList) => entity,
};

/**
 * Columns that say whose rows these are: those that are not the same in all rows, and those that are `always` wanted. Companies of different providers are
 * told apart by these.
 */
export function differing(
  rows: readonly RecordList[],
  headings: readonly (keyof typeof CELLS)[],
  always: readonly (keyof typeof CELLS)[] = [],
): readonly Column<RecordList>[] {
  const several = (heading: keyof typeof CELLS) => {
    const of = heading === 'company' ? (row: RecordList) => `${row.account} ${row.provider}` : () => '';
    const groups = Map.groupBy(rows, of);
    return [...groups.values()].some((group) => new Set(group.map(CELLS[heading])).size > 1);
  };
  return headings
    .filter((heading) => always.includes(heading) || several(heading))
    .map((heading) => ({ heading, cell: CELLS[heading] }));
}
