import { deletedOf } from '../record-rule.ts';
import type { RecordAsk, RecordCounts, RecordList, RecordScope, RecordTables, StoredRecord } from '../record-tables.ts';
import type { SqliteDatabase } from './database.ts';
import { countSetAside, readSetAside } from './set-aside-reading.ts';

/** A page ends with the row that fills one of these: rows, and characters of JSON. */
const PAGE_ROWS = 250;
const PAGE_CHARACTERS = 1_000_000;
/** Rows that are counted at once. */
const COUNTED_ROWS = 5000;

const LIST = 'account_id, provider, external_id, entity';
const OF_LIST = 'account_id = :account AND provider = :provider AND external_id = :externalId AND entity = :entity';
const WANTED = '((deleted = 0 OR :deleted) AND coalesce(updated_at, stored_at) >= :since)';

/** One step through an index for each list, however many rows it has. */
const NEXT_LIST = (table: string) => `
SELECT account_id AS account, provider, external_id AS externalId, entity FROM ${table}
WHERE (${LIST}) > (:account, :provider, :externalId, :entity) ORDER BY ${LIST} LIMIT 1`;

const COLUMNS = 'id, updated_at AS updatedAt, deleted, stored_at AS storedAt';
const ONE = `SELECT ${COLUMNS}, data FROM records WHERE ${OF_LIST} AND id = :id`;
/** Rows that are not wanted come without data: a page is so many rows of the table, whatever is asked, so that none takes long. */
const PAGE = `
SELECT ${COLUMNS}, iif(${WANTED}, data, NULL) AS data
FROM records WHERE ${OF_LIST} AND id > :after ORDER BY id LIMIT ${PAGE_ROWS}`;

const COUNT = `
SELECT count(*) AS rows, max(id) AS last, coalesce(sum(wanted AND deleted = 0), 0) AS live,
  coalesce(sum(wanted AND deleted > 0), 0) AS deleted, max(iif(wanted AND deleted = 0, updated_at, NULL)) AS newest
FROM (SELECT id, deleted, updated_at, coalesce(updated_at, stored_at) >= :since AS wanted
  FROM records WHERE ${OF_LIST} AND id > :after ORDER BY id LIMIT ${COUNTED_ROWS})`;

interface Row {
  readonly id: string;
  readonly updatedAt: number | null;
  readonly deleted: number;
  readonly storedAt: number;
  readonly data: string | null;
}

interface CountRow {
  readonly rows: number;
  readonly last: string | null;
  readonly live: number;
  readonly deleted: number;
  readonly newest: number | null;
}

type Methods = 'recordLists' | 'records' | 'record' | 'recordCounts' | 'setAside';

/** Reads the tables `records` and `rejected_records`. */
export function recordReading(db: SqliteDatabase): Pick<RecordTables, Methods> {
  return {
    recordLists: (of = {}) => db.read(() => lists(db, of)),
    records: (ask) => readRecords(db, ask),
    record: (list, id) =>
      db.read(() => {
        const row = db.statement<Row>(ONE).get({ ...keyOf(list), id });
        return row && toRecord(list, row, row.data ?? '');
      }),
    recordCounts: (list, since) => count(db, list, since),
    setAside: (list, since) => readSetAside(db, list, since),
  };
}

function lists(db: SqliteDatabase, { account, provider, entity }: RecordScope): readonly RecordList[] {
  const found = new Map<string, RecordList>();
  for (const table of ['records', 'rejected_records']) {
    const next = db.statement<RecordList>(NEXT_LIST(table));
    let at = next.get({ account: account ?? '', provider: '', externalId: '', entity: '' });
    while (at !== undefined && (account === undefined || at.account === account)) {
      const wanted = (provider ?? at.provider) === at.provider && (entity ?? at.entity) === at.entity;
      if (wanted) found.set(nameOf(at), at);
      at = next.get({ ...at });
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, list]) => list);
}

async function* readRecords(db: SqliteDatabase, ask: RecordAsk): AsyncGenerator<StoredRecord> {
  const values = { ...keyOf(ask), since: ask.since ?? Number.MIN_SAFE_INTEGER, deleted: ask.deleted ? 1 : 0 };
  let after: string | undefined = '';
  while (after !== undefined) {
    const from: string = after;
    const page = await db.read(() => readPage(db, ask, { ...values, after: from }));
    yield* page.records;
    after = page.last;
    await db.giveWay();
  }
}

/** `last`: where the next page begins; undefined at the end. */
function readPage(db: SqliteDatabase, list: RecordList, values: Readonly<Record<string, string | number>>) {
  const records: StoredRecord[] = [];
  let characters = 0;
  let rows = 0;
  let last: string | undefined;
  // A row after the other, so that a page of huge ones is left before they are all in memory.
  for (const row of db.statement<Row>(PAGE).iterate(values)) {
    rows += 1;
    last = row.id;
    if (row.data === null) continue;
    records.push(toRecord(list, row, row.data));
    characters += row.data.length;
    if (characters >= PAGE_CHARACTERS) return { records, last };
  }
  return { records, last: rows < PAGE_ROWS ? undefined : last };
}

async function count(db: SqliteDatabase, list: RecordList, since = Number.MIN_SAFE_INTEGER): Promise<RecordCounts> {
  const values = { ...keyOf(list), since };
  let [live, deleted, newest] = [0, 0, Number.NEGATIVE_INFINITY];
  let after: string | null = '';
  while (after !== null) {
    const from: string = after;
    const part: CountRow | undefined = await db.read(() =>
      db.statement<CountRow>(COUNT).get({ ...values, after: from }),
    );
    live += part?.live ?? 0;
    deleted += part?.deleted ?? 0;
    newest = Math.max(newest, part?.newest ?? newest);
    after = part?.rows === COUNTED_ROWS ? part.last : null;
    await db.giveWay();
  }
  const aside = await countSetAside(db, list, since);
  return { live, deleted, setAside: aside, ...(Number.isFinite(newest) ? { newest } : {}) };
}

const keyOf = ({ account, provider, externalId, entity }: RecordList) => ({ account, provider, externalId, entity });

const listOf: (list: RecordList) => RecordList = keyOf;

/** Ordered like the key of the table. */
const nameOf = ({ account, provider, externalId, entity }: RecordList) =>
  [account, provider, externalId, entity].join('\0');

function toRecord(list: RecordList, row: Row, data: string): StoredRecord {
  const { id, updatedAt, deleted, storedAt } = row;
  return {
    ...listOf(list),
    ...{ id, data, storedAt, deleted: deletedOf(deleted) },
    ...(updatedAt === null ? {} : { updatedAt }),
  };
}
