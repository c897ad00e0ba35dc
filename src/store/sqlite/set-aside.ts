import { rowsAside } from '../rows-aside.ts';
import type { PageCommit } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';

const REJECT = `
INSERT INTO rejected_records (account_id, provider, external_id, entity, digest, reason, data, request, run, rejected_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  reason = excluded.reason, request = excluded.request, run = excluded.run, rejected_at = excluded.rejected_at`;

/** Keeps the unreadable rows of a page once, however often the overlap of windows brings them, with the request that brought them. */
export function setAside(db: SqliteDatabase, page: PageCommit): void {
  if (page.rejected.length === 0) return;
  const { target, entity, request, run, at } = page;
  const { account, provider, externalId } = target;
  const asked = request === undefined ? null : JSON.stringify(request);
  for (const { digest, reason, data } of rowsAside(page)) {
    db.statement(REJECT).run(account, provider, externalId, entity, digest, reason, data, asked, run, at);
  }
}
