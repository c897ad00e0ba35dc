import type { PageCommit, SyncTables } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';

const NOTE = 'INSERT OR IGNORE INTO sync_seen (account_id, provider, external_id, entity, id) VALUES (?, ?, ?, ?, ?)';

const FORGET = 'DELETE FROM sync_seen WHERE account_id = ? AND provider = ? AND external_id = ? AND entity = ?';

/** Ids are compared by their bytes, which is how SQLite orders text. */
const UNSEEN = `
SELECT id FROM records WHERE account_id = :account AND provider = :provider AND external_id = :externalId AND entity = :entity
  AND id > :after AND id >= :from AND (:to IS NULL OR id <= :to)
  AND NOT deleted AND stored_at < :before
  AND NOT EXISTS (SELECT 1 FROM sync_seen AS seen WHERE seen.account_id = records.account_id AND seen.provider = records.provider
    AND seen.external_id = records.external_id AND seen.entity = records.entity AND seen.id = records.id)
`;
const IN_ORDER = 'ORDER BY id LIMIT :limit';
/** By the index on scopes: a page may settle some hundred threads. */
const UNSEEN_IN_SCOPE = `${UNSEEN} AND scope = :scope ${IN_ORDER}`;
const UNSEEN_ANYWHERE = `${UNSEEN} ${IN_ORDER}`;

/** Which records a window has seen, so that those it has not can be told: table `sync_seen`. */
export function seenTable(db: SqliteDatabase): Pick<SyncTables, 'unseen' | 'forgetSeen'> {
  return {
    unseen: ({ account, provider, externalId }, entity, { range, before, after = '', limit }) =>
      db.read(() => {
        const { scope, from = '', to } = range;
        const values = { account, provider, externalId, entity, from, to, before, after, limit };
        const rows =
          scope === undefined
            ? db.statement<{ id: string }>(UNSEEN_ANYWHERE).all(values)
            : db.statement<{ id: string }>(UNSEEN_IN_SCOPE).all({ ...values, scope });
        return rows.map(({ id }) => id);
      }),

    forgetSeen: ({ account, provider, externalId }, entity) =>
      db.write(() => {
        db.statement(FORGET).run(account, provider, externalId, entity);
        return undefined;
      }),
  };
}

/** Notes the records of a page as seen, inside its transaction. */
export function noteSeen(db: SqliteDatabase, { target, entity, records }: PageCommit): void {
  const { account, provider, externalId } = target;
  const statement = db.statement(NOTE);
  for (const { id } of records) statement.run(account, provider, externalId, entity, id);
}
