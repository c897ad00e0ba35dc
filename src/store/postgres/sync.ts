import type { Resume, SyncTables } from '../sync-tables.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase } from './database.ts';
import type { MachineTime } from './machine-time.ts';
import { committer } from './page-commit.ts';
import type { Patience } from './patience.ts';
import type { SyncRights } from './sync-hold.ts';
import { OF_TARGET, targetValues } from './target-values.ts';

interface CursorRow {
  readonly watermark: number | null;
  readonly resume: string | null;
  readonly updated_at: number;
  readonly readAt: number;
}

interface SummaryRow {
  readonly lastRunAt: number | null;
  readonly lastOutcome: string | null;
  readonly records: number;
}

const notePoll = (shift: string) => `
INSERT INTO sync_cursors (account_id, provider, external_id, entity, updated_at) VALUES ($1, $2, $3, $4, $5::bigint + ${shift})
ON CONFLICT (account_id, provider, external_id, entity) DO UPDATE SET updated_at = excluded.updated_at`;

const cursor = (clock: DatabaseClock) => `
SELECT watermark, resume, updated_at, floor(${clock.sql(5)})::bigint AS "readAt" FROM sync_cursors WHERE ${OF_TARGET} AND entity = $4`;

const START = `
INSERT INTO sync_runs (account_id, provider, external_id, kind, owner, started_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING run`;

const FINISH = 'UPDATE sync_runs SET finished_at = $1, outcome = $2 WHERE run = $3';

const SUMMARY = `
SELECT run.finished_at AS "lastRunAt", run.outcome AS "lastOutcome",
  (SELECT count(*) FROM records WHERE ${OF_TARGET} AND deleted = 0) AS records
FROM (SELECT 1) AS one LEFT JOIN (
  SELECT finished_at, outcome FROM sync_runs WHERE ${OF_TARGET} AND finished_at IS NOT NULL AND kind <> 'event'
  ORDER BY finished_at DESC, run DESC LIMIT 1
) AS run ON true`;

type Methods = 'cursor' | 'notePoll' | 'commitPage' | 'startRun' | 'finishRun' | 'syncSummary';

/** Pages with the cursors that cover them, and runs: tables `records`, `rejected_records`, `sync_cursors`, `sync_runs`. */
export function syncTables(
  plain: PostgresDatabase,
  { clock, time }: { readonly clock: DatabaseClock; readonly time: MachineTime },
  { rights, patience }: { readonly rights: SyncRights; readonly patience: Patience },
): Pick<SyncTables, Methods> {
  const db = plain.patient(patience);
  return {
    cursor: async (target, entity) => {
      const row = await db.row<CursorRow>(cursor(clock), [...targetValues(target), entity, clock.sample()]);
      if (!row) return undefined;
      const { watermark, resume, updated_at: updatedAt, readAt } = row;
      return { watermark: watermark ?? undefined, resume: toResume(resume), updatedAt, readAt };
    },

    notePoll: async (target, entity, at) => {
      await db.run(notePoll(time.shift(6)), [...targetValues(target), entity, Math.floor(at), ...time.values()]);
    },

    commitPage: committer(plain, time, { rights, patience }),

    startRun: async (target, { kind, owner, startedAt }) => {
      const row = await db.row<{ run: number }>(START, [...targetValues(target), kind, owner, startedAt]);
      const run = row?.run ?? 0;
      if (kind !== 'event') rights.bind(run);
      return run;
    },

    finishRun: async (run, finishedAt, outcome) => {
      rights.unbind(run);
      await db.run(FINISH, [finishedAt, outcome, run]);
    },

    syncSummary: async (target) => {
      const row = await db.row<SummaryRow>(SUMMARY, targetValues(target));
      return {
        lastRunAt: row?.lastRunAt ?? undefined,
        lastOutcome: row?.lastOutcome ?? undefined,
        records: row?.records ?? 0,
      };
    },
  };
}

const toResume = (text: string | null): Resume | undefined => (text === null ? undefined : JSON.parse(text));
