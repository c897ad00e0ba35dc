import type { ForwardCount, Forwards } from '../forwards.ts';
import type { PostgresDatabase } from './database.ts';
import { finishForwards } from './finish-forwards.ts';
import type { Holds } from './holds.ts';
import { keptHolds } from './kept-holds.ts';
import { LIGHTLY } from './lightly.ts';
import type { MachineTime } from './machine-time.ts';
import { noteReplay } from './note-replay.ts';
import { recoverForwards } from './recover-forwards.ts';
import { takeForwards } from './take-forwards.ts';
import { underWay } from './under-way.ts';

const hasten = (shift: string) => `
UPDATE forwards SET due_at = $2::bigint + ${shift} WHERE target = $1 AND state = 'received' AND due_at > $2::bigint + ${shift} AND ${LIGHTLY}`;

const next = (shift: string) => `
SELECT min(due_at) - ${shift} AS "dueAt" FROM forwards WHERE target = $1 AND state = 'received'`;

const COUNTS = `
SELECT account_id AS account, provider, target, count(*) FILTER (WHERE forwards.state <> 'failed') AS waiting,
  count(*) FILTER (WHERE forwards.state = 'failed') AS failed, min(inbox.received_at) FILTER (WHERE forwards.state <> 'failed') AS "oldestAt"
FROM forwards JOIN inbox USING (event) WHERE forwards.state IN ('received', 'delivering', 'failed') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

/**
 * Where events go: tables `forwards` and `forward_attempts`. Nothing of it is waited for until the disk has it: what a crash of the server takes back is sent
 * once more, and an event is on disk before anything is noted here. What is taken bears the generation of the right under which it was: whoever has lost the
 * right takes nothing more, and can no longer say how it went with what it had.
 */
export function forwardsTable(db: PostgresDatabase, holds: Holds, time: MachineTime): Forwards {
  const kept = keptHolds(holds, 'forward', () => time.values()[1]);
  const rights = { db, kept, time, underWay: underWay() };
  return {
    holdTarget: (target) => kept.take([target]),
    recoverForwards: (target, at) => recoverForwards(rights, target, at),
    takeForwards: (target, now, limit) => takeForwards(rights, target, now, limit),
    finishForwards: (ends) => finishForwards(rights, ends),

    hastenForwards: async (target, at) => {
      await db.run(hasten(time.shift(3)), [target, at, ...time.values()]);
    },

    nextForwardAt: async (target) => {
      const row = await db.row<{ dueAt: number | null }>(next(time.shift(2)), [target, ...time.values()]);
      return row?.dueAt ?? undefined;
    },

    forwardCounts: async () => {
      const rows = await db.rows<Omit<ForwardCount, 'oldestAt'> & { oldestAt: number | null }>(COUNTS);
      return rows.map(({ oldestAt, ...count }) => ({ ...count, oldestAt: oldestAt ?? undefined }));
    },

    noteReplay: (end) => noteReplay(db, end),
  };
}
