import type { PageCommit, PageCounts, Resume, SyncTables, SyncTarget } from '../sync-tables.ts';
import type { SqliteDatabase } from './database.ts';
import { writeRecords } from './records.ts';
import { noteSeen } from './seen.ts';
import { setAside } from './set-aside.ts';

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

/** An interrupted window keeps the watermark of the last finished one; a finished one has nothing to go on with. */
const MOVE_CURSOR = `
INSERT INTO sync_cursors (account_id, provider, external_id, entity, watermark, resume, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
  watermark = coalesce(excluded.watermark, watermark), resume = excluded.resume, updated_at = excluded.updated_at`;

const NOTE_POLL = `
INSERT INTO sync_cursors (account_id, provider, external_id, entity, updated_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at`;

const COUNT = `
UPDATE sync_runs SET pages = pages + 1, upserted = upserted + :upserted, unchanged = unchanged + :unchanged,
  deleted = deleted + :deleted, rejected = rejected + :rejected WHERE run = :run`;

const CURSOR = `
SELECT watermark, resume, updated_at FROM sync_cursors
WHERE account_id = ? AND provider = ? AND external_id = ? AND entity = ?`;

const START = `
INSERT INTO sync_runs (account_id, provider, external_id, kind, owner, started_at) VALUES (?, ?, ?, ?, ?, ?)`;

const OF_TARGET = 'account_id = :account AND provider = :provider AND external_id = :externalId';
const SUMMARY = `
SELECT run.finished_at AS lastRunAt, run.outcome AS lastOutcome,
  (SELECT count(*) FROM records WHERE ${OF_TARGET})
  - (SELECT count(*) FROM records INDEXED BY idx_records_gone WHERE ${OF_TARGET} AND deleted > 0) AS records
FROM (SELECT 1) LEFT JOIN (
  SELECT finished_at, outcome FROM sync_runs WHERE ${OF_TARGET} AND finished_at IS NOT NULL AND kind <> 'event'
  ORDER BY finished_at DESC, run DESC LIMIT 1
) AS run`;

type Methods = 'cursor' | 'notePoll' | 'commitPage' | 'startRun' | 'finishRun' | 'syncSummary';

/** Pages with the cursors that cover them, and runs: tables `records`, `rejected_records`, `sync_cursors`, `sync_runs`. */
export function syncTables(db: SqliteDatabase): Pick<SyncTables, Methods> {
  return {
    cursor: (target, entity) =>
      db.read(() => {
        const row = db.statement<CursorRow>(CURSOR).get(...keyOf(target), entity);
        return (
          row && { watermark: row.watermark ?? undefined, resume: toResume(row.resume), updatedAt: row.updated_at }
        );
      }),

    notePoll: (target, entity, at) =>
      db.write(() => {
        db.statement(NOTE_POLL).run(...keyOf(target), entity, at);
      }),

    commitPage: (page) => db.write(() => commit(db, page)),

    startRun: ({ account, provider, externalId }, { kind, owner, startedAt }) =>
      db.write(() => {
        const { lastInsertRowid } = db.statement(START).run(account, provider, externalId, kind, owner, startedAt);
        return Number(lastInsertRowid);
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

function commit(db: SqliteDatabase, page: PageCommit): PageCounts {
  const { target, entity, progress, run, rejected } = page;
  const counts = writeRecords(db, page);
  if (page.seen) noteSeen(db, page);
  setAside(db, page);
  if (progress) {
    const resume = 'resume' in progress ? JSON.stringify(progress.resume) : null;
    // Rounded down: a cursor that is too early reads a record twice, one that is too late misses it.
    const watermark = 'watermark' in progress ? Math.floor(progress.watermark) : null;
    db.statement(MOVE_CURSOR).run(...keyOf(target), entity, watermark, resume, page.at);
  }
  db.statement(COUNT).run({ ...counts, rejected: rejected.length, run });
  return counts;
}

const keyOf = ({ account, provider, externalId }: SyncTarget) => [account, provider, externalId] as const;

const toResume = (text: string | null): Resume | undefined => (text === null ? undefined : JSON.parse(text));
