import type { Forward } from '../forwards.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import type { PostgresDatabase } from './database.ts';
import type { KeptHold, KeptHolds } from './kept-holds.ts';
import { LIGHTLY } from './lightly.ts';
import type { MachineTime } from './machine-time.ts';

/** What goes to targets is noted with these. */
export interface ForwardRights {
  readonly db: PostgresDatabase;
  readonly kept: KeptHolds;
  readonly time: MachineTime;
}

/** Of a holder that another one has followed: nothing. While this is under way nobody can follow. */
const take = (shift: string) => `
WITH due AS MATERIALIZED (
  SELECT event FROM forwards
  WHERE target = $1 AND state = 'received' AND due_at <= $2::bigint + ${shift}
    AND ($4::text IS NULL OR EXISTS (SELECT 1 FROM holds WHERE name = $4 AND generation = $5 FOR SHARE))
  ORDER BY due_at, event LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE forwards SET state = 'delivering', attempts = forwards.attempts + 1, started_at = $2, generation = $5
FROM due JOIN inbox USING (event)
WHERE forwards.event = due.event AND forwards.target = $1 AND ${LIGHTLY}
RETURNING inbox.*, forwards.attempts AS attempt`;

const HELD = 'SELECT 1 FROM holds WHERE name = $1 AND generation = $2';

/** See `Forwards.takeForwards`. */
export async function takeForwards(
  { db, kept, time }: ForwardRights,
  target: string,
  now: number,
  limit: number,
): Promise<readonly Forward[]> {
  const hold = kept.of([target]);
  if (hold?.lost) return [];
  const values = [target, now, limit, hold?.name, hold?.generation ?? 0, ...time.values()];
  const rows = await db.rows<InboxRow & { attempt: number }>(take(time.shift(6)), values);
  if (rows.length === 0 && hold) await lookAfter(db, hold);
  // RETURNING promises no order.
  const inOrder = rows.toSorted((one, other) => one.event - other.event);
  return inOrder.map(({ attempt, ...row }) => ({ ...toEvent(row), target, attempt }));
}

async function lookAfter(db: PostgresDatabase, hold: KeptHold): Promise<void> {
  if (!(await db.row(HELD, [hold.name, hold.generation]))) hold.lost = true;
}
