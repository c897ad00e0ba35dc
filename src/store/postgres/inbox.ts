import type { ConnectionKey } from '../../connection.ts';
import type { EventEnd, Inbox, InboxCount, InboxEvent } from '../inbox.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import { acceptEvents } from './accept-events.ts';
import type { PostgresDatabase, Value } from './database.ts';
import { type EventWriter, eventWriter } from './event-writer.ts';
import type { Holds } from './holds.ts';
import { type KeptHold, keptHolds } from './kept-holds.ts';
import type { MachineTime } from './machine-time.ts';
import { pruneEvents } from './prune-events.ts';
import { legible } from './stored-text.ts';

const dueConnections = (shift: string) => `
SELECT DISTINCT account_id AS account, provider FROM inbox WHERE state = 'received' AND due_at <= $1::bigint + ${shift} ORDER BY 1, 2`;

const due = (shift: string) => `
SELECT * FROM inbox
WHERE state = 'received' AND account_id = $1 AND provider = $2 AND due_at <= $3::bigint + ${shift}
ORDER BY due_at, event LIMIT $4`;

/**
 * Rows are locked in their order, so that two processes never wait for each other. What belongs to a connection that another process has taken over
 * meanwhile is left to that one, which cannot take it before this is done.
 */
const finish = (shift: string) => `
WITH ends AS (
  SELECT DISTINCT ON (event) *
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) WITH ORDINALITY
    AS each (event, state, error, due_at, run, at, place)
  ORDER BY event, place
), lost AS (
  SELECT account_id, provider FROM unnest($7::text[], $8::text[], $9::text[], $10::bigint[]) AS each (account_id, provider, name, generation)
  WHERE NOT EXISTS (SELECT 1 FROM holds WHERE holds.name = each.name AND holds.generation = each.generation FOR SHARE)
), own AS (
  SELECT event FROM inbox
  WHERE event IN (SELECT event FROM ends) AND state = 'received' AND (account_id, provider) NOT IN (SELECT account_id, provider FROM lost)
  ORDER BY event FOR NO KEY UPDATE
)
UPDATE inbox SET state = ends.state, attempts = attempts + 1, due_at = coalesce(ends.due_at + ${shift}, inbox.due_at),
  last_error = ends.error, run = coalesce(ends.run, inbox.run), finished_at = ends.at
FROM own JOIN ends USING (event) WHERE inbox.event = own.event AND inbox.state = 'received'`;

const COUNTS = `
SELECT account_id AS account, provider, count(*) FILTER (WHERE waits) AS received, count(*) FILTER (WHERE fails AND NOT waits) AS failed,
  min(received_at) FILTER (WHERE waits) AS "oldestAt"
FROM (
  SELECT account_id, provider, received_at,
    state = 'received' OR EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND f.state IN ('received', 'delivering')) AS waits,
    state = 'failed' OR EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND f.state = 'failed') AS fails
  FROM inbox WHERE event IN (
    SELECT event FROM inbox WHERE state IN ('received', 'failed')
    UNION SELECT event FROM forwards WHERE state IN ('received', 'delivering')
    UNION SELECT event FROM forwards WHERE state = 'failed')) AS open
GROUP BY 1, 2 ORDER BY 1, 2`;

/** Verified deliveries: table `inbox`. */
export function inboxTable(
  db: PostgresDatabase,
  holds: Holds,
  time: MachineTime,
): Inbox & { closeWriter(): Promise<void> } {
  let writer: EventWriter | undefined;
  const kept = keptHolds(holds, 'inbox', () => time.values()[1]);
  return {
    acceptEvents: (batch) => acceptEvents(db, time, batch),

    eventWriter: () => {
      writer ??= eventWriter(db, time);
      return writer;
    },

    closeWriter: async () => writer?.close(),

    dueConnections: (now) => db.rows<ConnectionKey>(dueConnections(time.shift(2)), [now, ...time.values()]),

    dueEvents: async ({ account, provider }, now, limit) => {
      const rows = await db.rows<InboxRow>(due(time.shift(5)), [account, provider, now, limit, ...time.values()]);
      return rows.map(toEvent);
    },

    finishEvents: async (ends) => {
      if (ends.length === 0) return;
      await db.run(finish(time.shift(11)), [...endValues(ends), ...holdValues(kept.all()), ...time.values()]);
    },

    inboxCounts: async () => {
      const rows = await db.rows<Omit<InboxCount, 'oldestAt'> & { oldestAt: number | null }>(COUNTS);
      return rows.map(({ oldestAt, ...count }) => ({ ...count, oldestAt: oldestAt ?? undefined }));
    },

    pruneEvents: (before, limit) => pruneEvents(db, before, limit),

    holdInbox: ({ account, provider }) => kept.take([account, provider]),
  };
}

function endValues(ends: readonly EventEnd[]): Value[] {
  return [
    ends.map(({ event }) => event),
    ends.map(({ state }) => state),
    ends.map((end) => (end.state === 'applied' ? null : legible(end.error))),
    ends.map((end) => (end.state === 'received' ? end.dueAt : null)),
    ends.map(({ run }) => run ?? null),
    ends.map(({ at }) => at),
  ];
}

function holdValues(holds: readonly KeptHold[]): Value[] {
  return [
    holds.map(({ key: [account = ''] }) => account),
    holds.map(({ key: [, provider = ''] }) => provider),
    holds.map(({ name }) => name),
    holds.map(({ generation }) => generation),
  ];
}

/** The event of that number, whole. */
export async function readEvent(db: PostgresDatabase, event: number): Promise<InboxEvent | undefined> {
  const row = await db.row<InboxRow>('SELECT * FROM inbox WHERE event = $1', [event]);
  return row && toEvent(row);
}
