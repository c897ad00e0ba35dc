import { isLwiError } from '../../errors.ts';
import type { Forward } from '../forwards.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import type { PostgresDatabase } from './database.ts';
import type { KeptHold, KeptHolds } from './kept-holds.ts';
import { LIGHTLY } from './lightly.ts';
import type { MachineTime } from './machine-time.ts';
import type { UnderWay } from './under-way.ts';

/** What goes to targets is noted with these. */
export interface ForwardRights {
  readonly db: PostgresDatabase;
  readonly kept: KeptHolds;
  readonly time: MachineTime;
  readonly underWay: UnderWay;
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

/**
 * Lets those wait again that were taken and never came here, as if they had not been taken: they were not sent. None is under the present right but what this
 * process has asked for.
 */
const giveBack = (shift: string) => `
WITH stray AS MATERIALIZED (
  SELECT event FROM forwards
  WHERE target = $1 AND state = 'delivering' AND generation = $3 AND event <> ALL($4::bigint[])
  ORDER BY event FOR UPDATE
)
UPDATE forwards SET state = 'received', attempts = attempts - 1, due_at = least(due_at, $2::bigint + ${shift}), started_at = NULL
FROM stray WHERE forwards.event = stray.event AND target = $1 AND ${LIGHTLY}`;

const HELD = 'SELECT 1 FROM holds WHERE name = $1 AND generation = $2';

/** See `Forwards.takeForwards`. */
export async function takeForwards(
  { db, kept, time, underWay }: ForwardRights,
  target: string,
  now: number,
  limit: number,
): Promise<readonly Forward[]> {
  const hold = kept.of([target]);
  if (hold?.lost) return [];
  if (hold && underWay.mayBeStray(hold, now)) {
    const values = [target, now, hold.generation, underWay.events(hold), ...time.values()];
    await db.run(giveBack(time.shift(5)), values);
  }
  const values = [target, now, limit, hold?.name, hold?.generation ?? 0, ...time.values()];
  const rows = await db.rows<InboxRow & { attempt: number }>(take(time.shift(6)), values).catch((error: unknown) => {
    if (hold && isLwiError(error, 'STORE_AWAY')) underWay.answerLost(hold, now);
    throw error;
  });
  if (hold) {
    underWay.taken(
      hold,
      rows.map(({ event }) => event),
    );
  }
  if (rows.length === 0 && hold) await lookAfter(db, hold);
  // RETURNING promises no order.
  const inOrder = rows.toSorted((one, other) => one.event - other.event);
  return inOrder.map(({ attempt, ...row }) => ({ ...toEvent(row), target, attempt }));
}

async function lookAfter(db: PostgresDatabase, hold: KeptHold): Promise<void> {
  if (!(await db.row(HELD, [hold.name, hold.generation]))) hold.lost = true;
}
