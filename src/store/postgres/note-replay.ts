import type { ReplayEnd } from '../forwards.ts';
import type { PostgresDatabase } from './database.ts';
import { legible } from './stored-text.ts';

const ATTEMPT = `
INSERT INTO forward_attempts (event, target, started_at, took_ms, status, error) VALUES ($1, $2, $3, $4, $5, $6)`;

const SETTLE = `
UPDATE forwards SET state = 'delivered', last_error = NULL, finished_at = $3
WHERE event = $1 AND ((state = 'failed' AND (target = $2 OR $4::text IS NOT NULL)) OR (state = 'received' AND $4 = 'waiting'))`;

/** What could not be applied is now somewhere else: it is kept, and delivered there. */
const SETTLE_UNAPPLIED = "UPDATE inbox SET state = 'kept' WHERE event = $1 AND state = 'failed'";

const DELIVERED = `
INSERT INTO forwards (event, target, state, due_at, finished_at, received_at)
SELECT event, $2, 'delivered', 0, $3, received_at FROM inbox WHERE event = $1
ON CONFLICT (event, target) DO NOTHING`;

/** It may have been pruned meanwhile; from here on it stays. */
const THERE = 'SELECT 1 FROM inbox WHERE event = $1 FOR NO KEY UPDATE';

/** See `Forwards.noteReplay`. */
export function noteReplay(db: PostgresDatabase, end: ReplayEnd): Promise<void> {
  const { event, target, startedAt, tookMs, status, error, settles } = end;
  return db.writeLightly(async (tx) => {
    if (!(await tx.row(THERE, [event]))) return;
    await tx.run(ATTEMPT, [event, target, startedAt, tookMs, status, legible(error)]);
    if (status === undefined || status < 200 || status >= 300) return;
    const at = startedAt + tookMs;
    await tx.run(SETTLE, [event, target, at, settles]);
    if (settles === undefined || (await tx.run(SETTLE_UNAPPLIED, [event])) === 0) return;
    await tx.run(DELIVERED, [event, target, at]);
  });
}
