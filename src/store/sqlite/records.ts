import { dataOf, RECORD_RULE, stateOf, timeOf } from '../record-rule.ts';
import type { PageCommit, PageCounts } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';

/** One call a row and no SELECT. */
const UPSERT = `
INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, scope, stored_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ${RECORD_RULE}`;

/** Writes the records of a page, inside its transaction. */
export function writeRecords(db: SqliteDatabase, { target, entity, records, at }: PageCommit): PageCounts {
  const statement = db.statement(UPSERT);
  const { account, provider, externalId } = target;
  let upserted = 0;
  let deleted = 0;
  for (const record of records) {
    const { id, deleted: gone, scope } = record;
    const [data, time, state] = [dataOf(record), timeOf(record), stateOf(record)];
    const done = statement.run(account, provider, externalId, entity, id, data, time, state, scope ?? null, at);
    if (done.changes === 0) continue;
    if (gone) deleted++;
    else upserted++;
  }
  return { upserted, unchanged: records.length - upserted - deleted, deleted };
}
