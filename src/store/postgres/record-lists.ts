import type { RecordList, RecordScope } from '../record-tables.ts';
import type { PostgresDatabase } from './database.ts';
import { fromStored, toStored } from './stored-text.ts';

const LIST = 'account_id, provider, external_id, entity';

/** One step through an index for each list, however many rows it has (https://wiki.postgresql.org/wiki/Loose_indexscan). */
const STEPS = (table: string) => `
(WITH RECURSIVE list AS (
  (SELECT ${LIST} FROM ${table} WHERE (${LIST}) > (coalesce($1, ''), '', '', '') ORDER BY ${LIST} LIMIT 1)
  UNION ALL
  SELECT next.* FROM list CROSS JOIN LATERAL (
    SELECT ${LIST} FROM ${table} AS rows
    WHERE (rows.account_id, rows.provider, rows.external_id, rows.entity) > (list.account_id, list.provider, list.external_id, list.entity)
    ORDER BY ${LIST} LIMIT 1
  ) AS next
  WHERE $1::text IS NULL OR list.account_id = $1
) SELECT * FROM list)`;

const LISTS = `
SELECT account_id AS account, provider, external_id AS "externalId", entity
FROM (${STEPS('records')} UNION ${STEPS('rejected_records')}) AS lists
WHERE ($1::text IS NULL OR account_id = $1) AND ($2::text IS NULL OR provider = $2) AND ($3::text IS NULL OR entity = $3)
ORDER BY ${LIST}`;

/** Every entity of every company that has records or rows set aside. */
export async function recordLists(db: PostgresDatabase, of: RecordScope = {}): Promise<readonly RecordList[]> {
  const values = [of.account, of.provider, of.entity].map((each) => (each === undefined ? null : toStored(each)));
  const rows = await db.rows<RecordList>(LISTS, values);
  return rows.map(({ account, provider, externalId, entity }) => ({
    ...{ account: fromStored(account), provider: fromStored(provider), externalId: fromStored(externalId), entity },
  }));
}
