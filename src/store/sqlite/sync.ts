import type { PageCommit, PageCounts, Resume, Store, SyncTarget } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

interface CursorRow {
  readonly watermark: number | null;
  readonly resume: string | null;
  readonly updated_at: number;
}

interface SummaryRow {
  readonly lastRunAt: number | null;
  readonly lastOutcome: string | null;
  readonly records: number;
}

/**
 * One statement decides what a record does to the stored one, so that a page costs one call a row and no SELECT:
 * newer replaces; of equal age, a change of the data or a deletion replaces, but a live copy never revives a tombstone;
 * where one side has no time, the last read wins; a tombstone keeps the data that it buries.
 */
const UPSERT = `
INSERT INTO records (account_id, provider, external_id, entity, id, data, updated_at, deleted, stored_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, provider, external_id, entity, id) DO UPDATE SET
  data = iif(excluded.deleted, data, excluded.data),
  updated_at = coalesce(excluded.updated_at, updated_at),
  deleted = excluded.deleted,
  stored_at = excluded.stored_at
WHERE excluded.updated_at > updated_at
  OR (excluded.updated_at = updated_at AND NOT deleted AND (excluded.deleted OR excluded.data <> data))
  OR ((excluded.updated_at IS NULL OR updated_at IS NULL)
    AND (excluded.deleted <> deleted OR (NOT deleted AND excluded.data <> data)))`;

const REJECT = `
INSERT INTO rejected_records (account_id, provider, external_id, entity, digest, reason, data, run, rejected_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET reason = excluded.reason, run = excluded.run, rejected_at = excluded.rejected_at`;

/** An interrupted window keeps the watermark of the last finished one; a finished one has nothing to go on with. */
const MOVE_CURSOR = `
INSERT INTO sync_cursors (account_id, provider, external_id, entity, watermark, resume, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  watermark = coalesce(excluded.watermark, watermark), resume = excluded.resume, updated_at = excluded.updated_at`;

const COUNT = `
UPDATE sync_runs SET pages = pages + 1, upserted = upserted + :upserted, unchanged = unchanged + :unchanged,
  deleted = deleted + :deleted, rejected = rejected + :rejected WHERE run = :run`;

const CURSOR = `
SELECT watermark, resume, updated_at FROM sync_cursors
WHERE account_id = ? AND provider = ? AND external_id = ? AND entity = ?`;

const OF_TARGET = 'account_id = :account AND provider = :provider AND external_id = :externalId';
const SUMMARY = `
SELECT run.finished_at AS lastRunAt, run.outcome AS lastOutcome,
  (SELECT count(*) FROM records WHERE ${OF_TARGET})
  - (SELECT count(*) FROM records INDEXED BY idx_records_deleted WHERE ${OF_TARGET} AND deleted = 1) AS records
FROM (SELECT 1) LEFT JOIN (
  SELECT finished_at, outcome FROM sync_runs WHERE ${OF_TARGET} AND finished_at IS NOT NULL
  ORDER BY finished_at DESC, run DESC LIMIT 1
) AS run`;

type Methods = 'cursor' | 'commitPage' | 'startRun' | 'finishRun' | 'syncSummary';

/** Pulled records with the cursors that cover them, and runs: tables `records`, `rejected_records`, `sync_*`. */
export function syncTables(db: SqliteDatabase): Pick<Store, Methods> {
  return {
    cursor: (target, entity) =>
      db.read(() => {
        const row = db.statement<CursorRow>(CURSOR).get(...keyOf(target), entity);
        return (
          row && { watermark: row.watermark ?? undefined, resume: toResume(row.resume), updatedAt: row.updated_at }
        );
      }),

    commitPage: (page) =>
      db.write(() => {
        const counts = writeRecords(db, page);
        setAside(db, page);
        const resume = 'resume' in page.progress ? JSON.stringify(page.progress.resume) : null;
        // Rounded down: a cursor that is too early reads a record twice, one that is too late misses it.
        const watermark = 'watermark' in page.progress ? Math.floor(page.progress.watermark) : null;
        db.statement(MOVE_CURSOR).run(...keyOf(page.target), page.entity, watermark, resume, page.at);
        db.statement(COUNT).run({ ...counts, rejected: page.rejected.length, run: page.run });
        return counts;
      }),

    startRun: ({ account, provider, externalId }, startedAt) =>
      db.write(() => {
        const sql = 'INSERT INTO sync_runs (account_id, provider, external_id, started_at) VALUES (?, ?, ?, ?)';
        return Number(db.statement(sql).run(account, provider, externalId, startedAt).lastInsertRowid);
      }),

    finishRun: (run, finishedAt, outcome) =>
      db.write(() => {
        db.statement('UPDATE sync_runs SET finished_at = ?, outcome = ? WHERE run = ?').run(finishedAt, outcome, run);
      }),

    syncSummary: ({ account, provider, externalId }) =>
      db.read(() => {
        const row = db.statement<SummaryRow>(SUMMARY).get({ account, provider, externalId });
        return {
          lastRunAt: row?.lastRunAt ?? undefined,
          lastOutcome: row?.lastOutcome ?? undefined,
          records: row?.records ?? 0,
        };
      }),
  };
}

function writeRecords(db: SqliteDatabase, { target, entity, records, at }: PageCommit): PageCounts {
  const statement = db.statement(UPSERT);
  const { account, provider, externalId } = target;
  let upserted = 0;
  let deleted = 0;
  for (const { id, data, updatedAt, deleted: gone } of records) {
    // Slack's times have microseconds; the column holds whole milliseconds.
    const time = updatedAt === undefined ? null : Math.round(updatedAt);
    const done = statement.run(account, provider, externalId, entity, id, json(data), time, gone ? 1 : 0, at);
    if (done.changes === 0) continue;
    if (gone) deleted++;
    else upserted++;
  }
  return { upserted, unchanged: records.length - upserted - deleted, deleted };
}

/** Keeps unreadable rows once, however often the overlap of windows brings them. */
function setAside(db: SqliteDatabase, { target, entity, rejected, run, at }: PageCommit): void {
  for (const { reason, row } of rejected) {
    const data = json(row);
    // Loaded on use: rows are set aside rarely, and node:crypto costs every start milliseconds.
    const { createHash } = process.getBuiltinModule('node:crypto');
    const digest = createHash('sha256').update(data).digest('hex');
    db.statement(REJECT).run(...keyOf(target), entity, digest, reason, data, run, at);
  }
}

const keyOf = ({ account, provider, externalId }: SyncTarget) => [account, provider, externalId] as const;

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';

const toResume = (text: string | null): Resume | undefined => (text === null ? undefined : JSON.parse(text));
