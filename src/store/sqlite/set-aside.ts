import type { PageCommit } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';

const REJECT = `
INSERT INTO rejected_records (account_id, provider, external_id, entity, digest, reason, data, request, run, rejected_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  reason = excluded.reason, request = excluded.request, run = excluded.run, rejected_at = excluded.rejected_at`;

/** Keeps the unreadable rows of a page once, however often the overlap of windows brings them, with the request that brought them. */
export function setAside(db: SqliteDatabase, { target, entity, rejected, request, run, at }: PageCommit): void {
  if (rejected.length === 0) return;
  // Loaded on use: rows are set aside rarely, and node:crypto costs every start milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { account, provider, externalId } = target;
  const asked = request === undefined ? null : JSON.stringify(request);
  for (const { reason, row } of rejected) {
    const data = JSON.stringify(row) ?? 'null';
    const digest = createHash('sha256').update(data).digest('hex');
    db.statement(REJECT).run(account, provider, externalId, entity, digest, reason, data, asked, run, at);
  }
}
