import { dataOf, RECORD_RULE, stateOf, timeOf } from '../record-rule.ts';
import type { CommitRecord, PageCommit, PageCounts } from '../sync-tables.ts';
import type { Queries } from './database.ts';
import type { MachineTime } from './machine-time.ts';
import { toStored } from './stored-text.ts';
import { targetValues } from './target-values.ts';

/** Stands between the texts of a page: JSON has no such character in it. An array would have every quotation mark of them escaped. */
const BETWEEN = '\u001e';

/**
 * All records of a page that have different ids. What they did comes back as numbers. Numbers come as text with commas, which the driver need not write one by
 * one; what is empty is NULL, and so is all that a shorter list does not have.
 */
const upsert = (shift: string) => `
WITH done AS (
  INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, scope, stored_at)
  SELECT $1, $2, $3, $4, given.id, given.data, given.updated_at, given.deleted, given.scope, $10::bigint + ${shift}
  FROM unnest($5::text[], string_to_array($6::text, chr(${BETWEEN.charCodeAt(0)})), string_to_array($7::text, ',', '')::bigint[],
    string_to_array($8::text, ',')::smallint[], $9::text[])
    AS given (id, data, updated_at, deleted, scope)
  ${RECORD_RULE}
  RETURNING deleted
)
SELECT count(*) FILTER (WHERE deleted = 0) AS upserted, count(*) FILTER (WHERE deleted > 0) AS deleted FROM done`;

type Counts = Omit<PageCounts, 'unchanged'>;

/** Writes the records of a page, inside its transaction. */
export async function writeRecords(tx: Queries, time: MachineTime, page: PageCommit): Promise<PageCounts> {
  let upserted = 0;
  let deleted = 0;
  const sql = upsert(time.shift(11));
  for (const records of apart(page.records)) {
    const scopes = records.map(({ scope }) => (scope === undefined ? null : toStored(scope)));
    const counts = await tx.row<Counts>(sql, [
      ...targetValues(page.target),
      page.entity,
      records.map(({ id }) => toStored(id)),
      records.map(dataOf).join(BETWEEN),
      records.map(timeOf).join(','),
      records.map(stateOf).join(','),
      scopes.every((scope) => scope === null) ? null : scopes,
      Math.floor(page.at),
      ...time.values(),
    ]);
    upserted += counts?.upserted ?? 0;
    deleted += counts?.deleted ?? 0;
  }
  return { upserted, unchanged: page.records.length - upserted - deleted, deleted };
}

/**
 * The records in groups without an id that comes twice, which one statement could not write: what comes again is written after what came before. Each group
 * in one order everywhere, so that two pages with the same records wait for each other, and never both of them.
 */
function apart(records: readonly CommitRecord[]): readonly CommitRecord[][] {
  const groups: Map<string, CommitRecord>[] = [];
  const seen = new Map<string, number>();
  for (const record of records) {
    const before = seen.get(record.id) ?? 0;
    seen.set(record.id, before + 1);
    const group = groups[before] ?? new Map<string, CommitRecord>();
    groups[before] = group.set(record.id, record);
  }
  return groups.map((group) => [...group.values()].sort((one, other) => (one.id < other.id ? -1 : 1)));
}
