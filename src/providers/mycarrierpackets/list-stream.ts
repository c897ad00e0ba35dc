import type { Stream, StreamRecord } from '../stream.ts';
import { nextPage, operationRequest } from './paging.ts';
import { readRows } from './rows.ts';

interface CarrierListing {
  readonly name: string;
  readonly operation: string;
  /** Rows of a page. */
  readonly pageSize: number;
  /** Beside the DOT number, which all of them have. */
  readonly columns: Stream['columns'];
  /** The rows of an answer. Throws BAD_RESPONSE. */
  rowsOf(body: unknown): readonly unknown[];
  read(row: Readonly<Record<string, unknown>>): StreamRecord | undefined;
}

/** A list of carriers in numbered pages that every run reads whole: what has left it is just absent. */
export function listStream({ name, operation, pageSize, columns, rowsOf, read }: CarrierListing): Stream {
  const first = { pageNumber: '1', pageSize: String(pageSize) };
  return {
    name,
    overlapMs: 0,
    resumable: true,
    minIntervalMs: 0,
    absence: 'list',
    columns: { dot_number: 'dot', ...columns },
    start: () => ({ request: operationRequest(operation, first), coverage: [] }),
    parse(page) {
      const rows = rowsOf(page.body);
      return { ...readRows(rows, 'a carrier has no number', read), ...nextPage(page, rows.length) };
    },
  };
}
