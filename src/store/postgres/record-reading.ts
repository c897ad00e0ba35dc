import { deletedOf } from '../record-rule.ts';
import type { RecordAsk, RecordCounts, RecordList, RecordTables, StoredRecord } from '../record-tables.ts';
import type { PostgresDatabase } from './database.ts';
import { recordLists } from './record-lists.ts';
import { PAGE_CHARACTERS, PAGE_ROWS } from './record-pages.ts';
import { countSetAside, readSetAside } from './set-aside-reading.ts';
import { fromStored, toStored } from './stored-text.ts';
import { OF_TARGET, targetValues } from './target-values.ts';

/** Rows that are counted at once: none of the statements takes long. */
const COUNTED_ROWS = 50_000;

const OF_LIST = `${OF_TARGET} AND entity = $4`;
const COLUMNS = 'id, updated_at AS "updatedAt", deleted, stored_at AS "storedAt"';
const ONE = `SELECT ${COLUMNS}, data FROM records WHERE ${OF_LIST} AND id = $5`;

/**
 * Rows that are not wanted come without data: a page is so many rows of the table, whatever is asked. Of these as many as it takes to have so many
 * bytes, so that a page of huge ones is never in memory at once; the size of a text is known without reading it.
 */
const PAGE = `
SELECT id, "updatedAt", deleted, "storedAt", CASE WHEN wanted THEN data END AS data, rows FROM (
  SELECT *, count(*) OVER () AS rows, sum(size) OVER (ORDER BY id) - size AS before FROM (
    SELECT *, CASE WHEN wanted THEN octet_length(data) ELSE 0 END AS size FROM (
      SELECT ${COLUMNS}, data, (deleted = 0 OR $7::boolean) AND coalesce(updated_at, stored_at) >= $6 AS wanted
      FROM records WHERE ${OF_LIST} AND id > $5 ORDER BY id LIMIT ${PAGE_ROWS}
    ) AS page
  ) AS sized
) AS summed WHERE before < ${PAGE_CHARACTERS} ORDER BY id`;

const COUNT = `
SELECT count(*) AS rows, max(id) AS last, count(*) FILTER (WHERE wanted AND deleted = 0) AS live,
  count(*) FILTER (WHERE wanted AND deleted > 0) AS deleted, max(updated_at) FILTER (WHERE wanted AND deleted = 0) AS newest
FROM (SELECT id, deleted, updated_at, coalesce(updated_at, stored_at) >= $6 AS wanted
  FROM records WHERE ${OF_LIST} AND id > $5 ORDER BY id LIMIT ${COUNTED_ROWS}) AS part`;

interface Row {
  readonly id: string;
  readonly updatedAt: number | null;
  readonly deleted: number;
  readonly storedAt: number;
  readonly data: string | null;
}

interface PageRow extends Row {
  /** How many the page would have without a limit of its size. */
  readonly rows: number;
}

interface CountRow {
  readonly rows: number;
  readonly last: string | null;
  readonly live: number;
  readonly deleted: number;
  readonly newest: number | null;
}

type Methods = 'recordLists' | 'records' | 'record' | 'recordCounts' | 'setAside';

/** Reads the tables `records` and `rejected_records`. No transaction stays open while somebody looks at what was read. */
export function recordReading(db: PostgresDatabase): Pick<RecordTables, Methods> {
  return {
    recordLists: (of) => recordLists(db, of),
    records: (ask) => readRecords(db, ask),
    record: async (list, id) => {
      const row = await db.row<Row>(ONE, [...listValues(list), toStored(id)]);
      return row && toRecord(list, row, row.data ?? '');
    },
    recordCounts: (list, since) => count(db, list, since),
    setAside: (list, since) => readSetAside(db, list, since),
  };
}

async function* readRecords(db: PostgresDatabase, ask: RecordAsk): AsyncGenerator<StoredRecord> {
  let after: string | undefined = '';
  while (after !== undefined) {
    const values = [...listValues(ask), after, ask.since ?? Number.MIN_SAFE_INTEGER, ask.deleted === true];
    const page: PageRow[] = await db.rows<PageRow>(PAGE, values);
    for (const row of page) if (row.data !== null) yield toRecord(ask, row, row.data);
    const last: PageRow | undefined = page.at(-1);
    after = last && (last.rows === PAGE_ROWS || last.rows > page.length) ? last.id : undefined;
  }
}

async function count(db: PostgresDatabase, list: RecordList, since = Number.MIN_SAFE_INTEGER): Promise<RecordCounts> {
  let [live, deleted, newest] = [0, 0, Number.NEGATIVE_INFINITY];
  let after: string | null = '';
  while (after !== null) {
    const part: CountRow | undefined = await db.row<CountRow>(COUNT, [...listValues(list), after, since]);
    live += part?.live ?? 0;
    deleted += part?.deleted ?? 0;
    newest = Math.max(newest, part?.newest ?? newest);
    after = part?.rows === COUNTED_ROWS ? part.last : null;
  }
  const aside = await countSetAside(db, list, since);
  return { live, deleted, setAside: aside, ...(Number.isFinite(newest) ? { newest } : {}) };
}

const listValues = (list: RecordList) => [...targetValues(list), list.entity];

function toRecord({ account, provider, externalId, entity }: RecordList, row: Row, data: string): StoredRecord {
  const { id, updatedAt, deleted, storedAt } = row;
  return {
    ...{ account, provider, externalId, entity },
    ...{ id: fromStored(id), data, storedAt, deleted: deletedOf(deleted) },
    ...(updatedAt === null ? {} : { updatedAt }),
  };
}
