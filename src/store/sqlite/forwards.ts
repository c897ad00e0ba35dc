import { NO_END } from '../forward-row.ts';
import type { Forward, ForwardCount, ForwardEnd, Forwards, ReplayEnd } from '../forwards.ts';
import type { SqliteDatabase } from './database.ts';
import { readEvent } from './inbox.ts';
import { lockFile } from './lock-file.ts';
import { lockPath } from './sync-hold.ts';

const TAKE = `
UPDATE forwards SET state = 'delivering', attempts = attempts + 1, started_at = :now
WHERE target = :target AND event IN (
  SELECT event FROM forwards WHERE target = :target AND state = 'received' AND due_at <= :now ORDER BY due_at, event LIMIT :limit)
RETURNING event, attempts`;

const FINISH = `
UPDATE forwards SET state = :state, due_at = coalesce(:dueAt, due_at), started_at = NULL, last_error = :error,
  finished_at = iif(:state = 'received', NULL, :at)
WHERE event = :event AND target = :target AND state = 'delivering'
RETURNING attempts`;

const ATTEMPT = `
INSERT INTO forward_attempts (event, number, target, attempt, started_at, took_ms, status, error)
SELECT :event, coalesce(max(number), 0) + 1, :target, :attempt, :startedAt, :tookMs, :status, :error
FROM forward_attempts WHERE event = :event`;

const INTERRUPTED = `
SELECT event, attempts AS attempt, started_at AS startedAt FROM forwards WHERE target = ? AND state = 'delivering' ORDER BY event`;

const RECOVER = `
UPDATE forwards SET state = 'received', due_at = min(due_at, :at), started_at = NULL, last_error = :error
WHERE event = :event AND target = :target AND state = 'delivering'`;

const HASTEN = `
UPDATE forwards SET due_at = :at WHERE target = :target AND state = 'received' AND due_at > :at`;

const NEXT = `SELECT min(due_at) AS dueAt FROM forwards WHERE target = ? AND state = 'received'`;

const COUNTS = `
SELECT account_id AS account, provider, target, sum(forwards.state <> 'failed') AS waiting, sum(forwards.state = 'failed') AS failed,
  min(iif(forwards.state <> 'failed', received_at, NULL)) AS oldestAt
FROM forwards JOIN inbox USING (event) WHERE forwards.state IN ('received', 'delivering', 'failed') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

const SETTLE = `
UPDATE forwards SET state = 'delivered', last_error = NULL, finished_at = :at
WHERE event = :event AND ((state = 'failed' AND (target = :target OR :settles IS NOT NULL)) OR (state = 'received' AND :settles = 'waiting'))`;

/** What could not be applied is now somewhere else: it is kept, and delivered there. */
const SETTLE_UNAPPLIED = "UPDATE inbox SET state = 'kept' WHERE event = ? AND state = 'failed'";

const DELIVERED = `
INSERT INTO forwards (event, target, state, attempts, due_at, finished_at) VALUES (:event, :target, 'delivered', 0, 0, :at)
ON CONFLICT (event, target) DO NOTHING`;

const THERE = 'SELECT 1 AS there FROM inbox WHERE event = ?';

/**
 * Where events go: tables `forwards` and `forward_attempts`. Nothing of it is waited for until the disk has it: what a loss of power takes back is sent
 * once more, and an event is on disk before anything is noted here.
 */
export function forwardsTable(db: SqliteDatabase): Forwards {
  return {
    holdTarget: async (target) => {
      const unlock = lockFile(lockPath(db.path, 'forward', [target]));
      return unlock && { held: () => true, release: async () => unlock() };
    },

    recoverForwards: (target, at) =>
      db.writeLightly(() => {
        const left = db
          .statement<{ event: number; attempt: number; startedAt: number | null }>(INTERRUPTED)
          .all(target);
        for (const { event, attempt, startedAt } of left) {
          const end = { event, target, attempt, startedAt: startedAt ?? at, error: NO_END };
          db.statement(ATTEMPT).run({ ...end, tookMs: undefined, status: undefined });
          db.statement(RECOVER).run({ event, target, at, error: NO_END });
        }
        return left.length;
      }),

    hastenForwards: (target, at) => db.writeLightly(() => void db.statement(HASTEN).run({ target, at })),

    takeForwards: (target, now, limit) => db.writeLightly(() => take(db, target, now, limit)),

    finishForwards: (ends) =>
      db.writeLightly(() => {
        for (const end of ends) finish(db, end);
      }),

    nextForwardAt: (target) =>
      db.read(() => db.statement<{ dueAt: number | null }>(NEXT).get(target)?.dueAt ?? undefined),

    forwardCounts: () =>
      db.read(() =>
        db
          .statement<Omit<ForwardCount, 'oldestAt'> & { oldestAt: number | null }>(COUNTS)
          .all()
          .map(({ oldestAt, ...count }) => ({ ...count, oldestAt: oldestAt ?? undefined })),
      ),

    noteReplay: (end) => db.writeLightly(() => noteReplay(db, end)),
  };
}

function take(db: SqliteDatabase, target: string, now: number, limit: number): readonly Forward[] {
  const taken = db.statement<{ event: number; attempts: number }>(TAKE).all({ target, now, limit });
  // RETURNING promises no order.
  taken.sort((one, other) => one.event - other.event);
  return taken.flatMap(({ event, attempts: attempt }) => {
    const whole = readEvent(db, event);
    return whole ? [{ ...whole, target, attempt }] : [];
  });
}

function finish(db: SqliteDatabase, { event, target, startedAt, tookMs, status, error, ...end }: ForwardEnd): void {
  const dueAt = end.state === 'received' ? end.dueAt : undefined;
  const at = startedAt + tookMs;
  const row = db.statement<{ attempts: number }>(FINISH).get({ event, target, state: end.state, dueAt, error, at });
  if (!row) return;
  db.statement(ATTEMPT).run({ event, target, attempt: row.attempts, startedAt, tookMs, status, error });
}

function noteReplay(db: SqliteDatabase, { event, target, startedAt, tookMs, status, error, settles }: ReplayEnd): void {
  // It may have been pruned meanwhile.
  if (!db.statement(THERE).get(event)) return;
  db.statement(ATTEMPT).run({ event, target, attempt: undefined, startedAt, tookMs, status, error });
  if (status === undefined || status < 200 || status >= 300) return;
  const at = startedAt + tookMs;
  db.statement(SETTLE).run({ event, target, at, settles });
  if (settles === undefined || db.statement(SETTLE_UNAPPLIED).run(event).changes === 0) return;
  db.statement(DELIVERED).run({ event, target, at });
}
