import type { RecordList, SetAsideRow } from '../record-tables.ts';
import type { PostgresDatabase } from './database.ts';
import { PAGE_CHARACTERS, PAGE_ROWS } from './record-pages.ts';
import { OF_TARGET, targetValues } from './target-values.ts';

const OF_LIST = `${OF_TARGET} AND entity = $4 AND rejected_at >= $5`;
/** A page of rows, and of those as many as it takes to have so many characters. */
const PAGE = `
SELECT digest, reason, data, request, at, rows FROM (
  SELECT digest, reason, data, request, rejected_at AS at, count(*) OVER () AS rows,
    sum(octet_length(data)) OVER (ORDER BY digest) - octet_length(data) AS before
  FROM (SELECT * FROM rejected_records WHERE ${OF_LIST} AND digest > $6 ORDER BY digest LIMIT ${PAGE_ROWS}) AS page
) AS sized WHERE before < ${PAGE_CHARACTERS} ORDER BY digest`;
const COUNT = `SELECT count(*) AS rows FROM rejected_records WHERE ${OF_LIST}`;

interface Row {
  readonly digest: string;
  readonly reason: string;
  readonly data: string;
  readonly request: string | null;
  readonly at: number;
  readonly rows: number;
}

/** Rows of a list that were set aside since then, ms by the local clock; in an order of no meaning. */
export async function* readSetAside(
  db: PostgresDatabase,
  { account, provider, externalId, entity }: RecordList,
  since = Number.MIN_SAFE_INTEGER,
): AsyncGenerator<SetAsideRow> {
  const list = { account, provider, externalId, entity };
  let after: string | undefined = '';
  while (after !== undefined) {
    const page: Row[] = await db.rows<Row>(PAGE, [...targetValues(list), entity, since, after]);
    for (const { digest: _digest, rows: _rows, request, ...row } of page) {
      yield { ...list, ...row, ...(request === null ? {} : { request: JSON.parse(request) }) };
    }
    const last: Row | undefined = page.at(-1);
    after = last && (last.rows === PAGE_ROWS || last.rows > page.length) ? last.digest : undefined;
  }
}

/** How many those are. */
export async function countSetAside(db: PostgresDatabase, list: RecordList, since: number): Promise<number> {
  return (await db.row<{ rows: number }>(COUNT, [...targetValues(list), list.entity, since]))?.rows ?? 0;
}
