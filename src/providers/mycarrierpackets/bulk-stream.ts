import type { Stream } from '../stream.ts';
import { carrierRecord } from './carrier-record.ts';
import { listStream } from './list-stream.ts';
import { rowsUnder } from './rows.ts';

/** The largest; a larger one would be replaced in silence by 250. */
const PAGE_SIZE = 500;

/** A list with one row for each monitored carrier, paged in the body; always read as a whole, since rows have no time. Source: Swagger "v1". */
export function bulkStream(name: string, operation: string, columns: Stream['columns']): Stream {
  const rowsOf = (body: unknown) => rowsUnder(body, 'data');
  return listStream({ name, operation, pageSize: PAGE_SIZE, columns, rowsOf, read: carrierRecord });
}
