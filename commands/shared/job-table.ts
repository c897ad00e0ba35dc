import { formatSpan } from '../../src/span.ts';
import type { JobCount } from '../../src/store/job-counts.ts';
import type { Column } from '../../src/table.ts';

/** Work that is younger is simply under way, ms. */
const NOTICED_MS = 10_000;

/** Columns of a table of jobs, a row for each kind of each connection. */
export function jobColumns(now: number): readonly Column<JobCount>[] {
  const number = (heading: 'waiting' | 'active' | 'failed'): Column<JobCount> => ({
    heading,
    cell: (count) => (count[heading] > 0 ? String(count[heading]) : ''),
    align: 'right',
  });
  return [
    { heading: 'jobs', cell: ({ kind }) => kind },
    { heading: 'provider', cell: ({ provider }) => provider },
    { heading: 'account', cell: ({ account }) => account },
    ...[number('waiting'), number('active'), number('failed')],
    {
      heading: 'oldest',
      cell: ({ oldestAt = now }) => (now - oldestAt >= NOTICED_MS ? formatSpan(now - oldestAt) : ''),
    },
  ];
}
