import { NO_END } from '../forward-row.ts';
import { LIGHTLY } from './lightly.ts';
import type { ForwardRights } from './take-forwards.ts';

/** What was taken under the present right is under way, and not touched. */
const recover = (shift: string) => `
WITH there AS MATERIALIZED (
  SELECT event FROM inbox
  WHERE event IN (SELECT event FROM forwards WHERE target = $1 AND state = 'delivering' AND generation <> $4)
  ORDER BY event FOR KEY SHARE
), stuck AS MATERIALIZED (
  SELECT event, attempts, started_at FROM there JOIN forwards USING (event)
  WHERE target = $1 AND state = 'delivering' AND generation <> $4
    AND ($5::text IS NULL OR EXISTS (SELECT 1 FROM holds WHERE name = $5 AND generation = $4 FOR SHARE))
  FOR UPDATE OF forwards
), freed AS (
  UPDATE forwards SET state = 'received', due_at = least(due_at, $2::bigint + ${shift}), started_at = NULL, last_error = $3
  FROM stuck WHERE forwards.event = stuck.event AND forwards.target = $1 AND ${LIGHTLY}
)
INSERT INTO forward_attempts (event, target, attempt, started_at, error)
SELECT event, $1, attempts, coalesce(started_at, $2), $3 FROM stuck ORDER BY event`;

/** Of a right that nobody has. */
const NONE = -1;

/** See `Forwards.recoverForwards`. */
export async function recoverForwards({ db, kept, time }: ForwardRights, target: string, at: number): Promise<number> {
  const hold = kept.of([target]);
  const values = [target, at, NO_END, hold?.generation ?? NONE, hold?.name, ...time.values()];
  return db.run(recover(time.shift(6)), values);
}
