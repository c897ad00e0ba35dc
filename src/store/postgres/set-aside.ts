import { rowsAside } from '../rows-aside.ts';
import type { PageCommit } from '../sync-tables.ts';
import type { Queries } from './database.ts';
import { legible } from './stored-text.ts';
import { targetValues } from './target-values.ts';

const REJECT = `
INSERT INTO rejected_records (account_id, provider, external_id, entity, digest, reason, data, request, run, rejected_at)
SELECT $1, $2, $3, $4, given.digest, given.reason, given.data, $8, $9, $10
FROM unnest($5::text[], $6::text[], $7::text[]) AS given (digest, reason, data)
ON CONFLICT (account_id, provider, external_id, entity, digest) DO UPDATE SET
  reason = excluded.reason, request = excluded.request, run = excluded.run, rejected_at = excluded.rejected_at`;

/** Keeps the unreadable rows of a page once, however often the overlap of windows brings them, with the request that brought them. */
export async function setAside(tx: Queries, page: PageCommit): Promise<void> {
  if (page.rejected.length === 0) return;
  const { target, entity, request, run, at } = page;
  // One statement writes no row twice: of those that are the same, the last one says why. In one order everywhere, so that two pages wait for each other.
  const last = new Map(rowsAside(page).map((row) => [row.digest, row]));
  const rows = [...last.values()].sort((one, other) => (one.digest < other.digest ? -1 : 1));
  await tx.run(REJECT, [
    ...targetValues(target),
    entity,
    rows.map(({ digest }) => digest),
    // A reason is for people.
    rows.map(({ reason }) => legible(reason)),
    rows.map(({ data }) => data),
    request === undefined ? null : JSON.stringify(request),
    run,
    at,
  ]);
}
