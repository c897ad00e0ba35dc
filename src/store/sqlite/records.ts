import type { PageCommit, PageCounts } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';

/** What stands in the column `deleted`. */
export const LIVE = 0;
export const DELETED = 1;
export const ABSENT = 2;

/**
 * One statement decides what a record does to the stored one, so that a page costs one call a row and no SELECT:
 * newer replaces; of equal age, a change of the data or a deletion replaces, but a live copy never revives a tombstone that the provider has set;
 * where one side has no time, the last read wins; a tombstone keeps the data that it buries. A record that is merely absent gives way to any
 * sight of the same version, and buries nothing that is buried already.
 */
const UPSERT = `
INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, scope, stored_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, provider, external_id, entity, id) DO UPDATE SET
  data = iif(excluded.deleted, data, excluded.data),
  updated_at = coalesce(excluded.updated_at, updated_at),
  deleted = excluded.deleted,
  scope = iif(excluded.deleted, scope, excluded.scope),
  stored_at = excluded.stored_at
WHERE NOT (excluded.deleted = ${ABSENT} AND deleted) AND (
  excluded.updated_at > updated_at
  OR (excluded.updated_at = updated_at
    AND ((NOT deleted AND (excluded.deleted OR excluded.data <> data)) OR deleted = ${ABSENT}))
  OR ((excluded.updated_at IS NULL OR updated_at IS NULL)
    AND (excluded.deleted <> deleted OR (NOT deleted AND excluded.data <> data))))`;

/** Writes the records of a page, inside its transaction. */
export function writeRecords(db: SqliteDatabase, { target, entity, records, at }: PageCommit): PageCounts {
  const statement = db.statement(UPSERT);
  const { account, provider, externalId } = target;
  let upserted = 0;
  let deleted = 0;
  for (const { id, data, updatedAt, deleted: gone, scope } of records) {
    // Slack's times have microseconds; the column holds whole milliseconds.
    const time = updatedAt === undefined ? null : Math.round(updatedAt);
    const state = gone === 'absent' ? ABSENT : gone ? DELETED : LIVE;
    const text = JSON.stringify(data) ?? 'null';
    const done = statement.run(account, provider, externalId, entity, id, text, time, state, scope ?? null, at);
    if (done.changes === 0) continue;
    if (gone) deleted++;
    else upserted++;
  }
  return { upserted, unchanged: records.length - upserted - deleted, deleted };
}
