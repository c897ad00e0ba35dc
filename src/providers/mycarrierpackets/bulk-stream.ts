import type { Stream } from '../stream.ts';
import { carrierRecord } from './carrier-record.ts';
import { nextPage, operationRequest } from './paging.ts';
import { readRows, rowsUnder } from './rows.ts';

/** The largest; a larger one would be replaced in silence by 250. */
const PAGE_SIZE = '500';

/** A list with one row for each monitored carrier, paged in the body; always read as a whole, since rows have no time. Source: Swagger "v1". */
export function bulkStream(name: string, operation: string, columns: Stream['columns']): Stream {
  return {
    name,
    overlapMs: 0,
    resumable: true,
    minIntervalMs: 0,
    absence: 'list',
    columns: { dot_number: 'dot', ...columns },
    start: () => ({ request: operationRequest(operation, { pageNumber: '1', pageSize: PAGE_SIZE }), coverage: [] }),
    parse(page) {
      const rows = rowsUnder(page.body, 'data');
      return { ...readRows(rows, 'a carrier has no number', carrierRecord), ...nextPage(page, rows.length) };
    },
  };
}
