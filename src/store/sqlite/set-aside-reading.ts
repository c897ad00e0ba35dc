import type { RecordList, SetAsideRow } from '../record-tables.ts';
import type { SqliteDatabase } from './database.ts';

const PAGE_ROWS = 250;

const OF_LIST =
  'account_id = :account AND provider = :provider AND external_id = :externalId AND entity = :entity AND rejected_at >= :since';
const PAGE = `
SELECT digest, reason, data, request, rejected_at AS at FROM rejected_records
WHERE ${OF_LIST} AND digest > :after ORDER BY digest LIMIT ${PAGE_ROWS}`;
const COUNT = `SELECT count(*) AS rows FROM rejected_records WHERE ${OF_LIST}`;

interface Row {
  readonly digest: string;
  readonly reason: string;
  readonly data: string;
  readonly request: string | null;
  readonly at: number;
}

/** Rows of a list that were set aside since then, ms by the local clock; in an order of no meaning. */
export async function* readSetAside(
  db: SqliteDatabase,
  { account, provider, externalId, entity }: RecordList,
  since = Number.MIN_SAFE_INTEGER,
): AsyncGenerator<SetAsideRow> {
  const list = { account, provider, externalId, entity };
  let after: string | undefined = '';
  while (after !== undefined) {
    const values = { ...list, since, after };
    const rows: Row[] = await db.read(() => db.statement<Row>(PAGE).all(values));
    for (const { digest: _digest, request, ...row } of rows) {
      yield { ...list, ...row, ...(request === null ? {} : { request: JSON.parse(request) }) };
    }
    after = rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.digest;
    await db.giveWay();
  }
}

/** How many those are. */
export async function countSetAside(
  db: SqliteDatabase,
  { account, provider, externalId, entity }: RecordList,
  since: number,
): Promise<number> {
  const values = { account, provider, externalId, entity, since };
  return db.read(() => db.statement<{ rows: number }>(COUNT).get(values)?.rows ?? 0);
}
