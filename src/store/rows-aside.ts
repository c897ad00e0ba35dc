import type { PageCommit } from './sync-tables.ts';

/** A row that could not be read, as it is kept. */
interface RowAside {
  /** SHA-256 of the data: the same row is kept once. */
  readonly digest: string;
  readonly reason: string;
  /** JSON text. */
  readonly data: string;
}

/** What is set aside of a page, in its order. */
export function rowsAside({ rejected }: Pick<PageCommit, 'rejected'>): readonly RowAside[] {
  // Loaded on use: rows are set aside rarely, and node:crypto costs every start milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return rejected.map(({ reason, row }) => {
    const data = JSON.stringify(row) ?? 'null';
    return { digest: createHash('sha256').update(data).digest('hex'), reason, data };
  });
}
