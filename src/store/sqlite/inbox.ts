import { toEventRow } from '../event-row.ts';
import type { Inbox, InboxCount, InboxEvent } from '../inbox.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import type { SqliteDatabase } from './database.ts';
import { type EventWriter, eventWriter } from './event-writer.ts';
import { insertEvent } from './insert-event.ts';
import { lockFile } from './lock-file.ts';
import { lockPath } from './sync-hold.ts';

const DUE_CONNECTIONS = `
SELECT DISTINCT account_id AS account, provider FROM inbox WHERE state = 'received' AND due_at <= ? ORDER BY 1, 2`;

const DUE = `
SELECT * FROM inbox WHERE state = 'received' AND account_id = ? AND provider = ? AND due_at <= ? ORDER BY due_at, event LIMIT ?`;

const FINISH = `
UPDATE inbox SET state = :state, attempts = attempts + 1, due_at = coalesce(:dueAt, due_at), last_error = :error,
  run = coalesce(:run, run), finished_at = :at
WHERE event = :event AND state = 'received'`;

const COUNTS = `
SELECT account_id AS account, provider, sum(waits) AS received, sum(fails AND NOT waits) AS failed,
  min(iif(waits, received_at, NULL)) AS oldestAt
FROM (
  SELECT account_id, provider, received_at,
    state = 'received' OR EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND f.state IN ('received', 'delivering')) AS waits,
    state = 'failed' OR EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND f.state = 'failed') AS fails
  FROM inbox WHERE event IN (
    SELECT event FROM inbox WHERE state IN ('received', 'failed')
    UNION SELECT event FROM forwards WHERE state IN ('received', 'delivering')
    UNION SELECT event FROM forwards WHERE state = 'failed'))
GROUP BY 1, 2 ORDER BY 1, 2`;

const NOT_FORWARDED = `EXISTS (SELECT 1 FROM forwards WHERE forwards.event = inbox.event AND state <> 'delivered')`;

const PRUNE_APPLIED = `
DELETE FROM inbox WHERE event IN (
  SELECT event FROM inbox WHERE state = 'applied' AND received_at < ? AND NOT ${NOT_FORWARDED} ORDER BY received_at LIMIT ?)`;

/** In the order in which they came, so that the first young one ends the search. */
const FORWARDED = `
SELECT event, received_at AS receivedAt, inbox.state = 'kept' AND NOT ${NOT_FORWARDED} AS done
FROM forwards JOIN inbox USING (event) WHERE forwards.state = 'delivered' ORDER BY event`;

const REMOVE = 'DELETE FROM inbox WHERE event = ?';

/** Verified deliveries: table `inbox`. */
export function inboxTable(db: SqliteDatabase): Inbox & { closeWriter(): Promise<void> } {
  let writer: EventWriter | undefined;
  return {
    acceptEvents: (batch) =>
      db.write(() => batch.map((event) => insertEvent(db, toEventRow(event), event.body, event.forwardTo))),

    eventWriter: () => {
      db.waitAside();
      writer ??= eventWriter(db.path);
      return writer;
    },

    closeWriter: async () => writer?.close(),

    dueConnections: (now) =>
      db.read(() => db.statement<{ account: string; provider: string }>(DUE_CONNECTIONS).all(now)),

    dueEvents: ({ account, provider }, now, limit) =>
      db.read(() => db.statement<InboxRow>(DUE).all(account, provider, now, limit).map(toEvent)),

    finishEvents: (ends) =>
      db.write(() => {
        for (const { event, at, run, ...end } of ends) {
          const error = end.state === 'applied' ? undefined : end.error;
          const dueAt = end.state === 'received' ? end.dueAt : undefined;
          db.statement(FINISH).run({ event, state: end.state, error, dueAt, run, at });
        }
      }),

    inboxCounts: () =>
      db.read(() =>
        db
          .statement<Omit<InboxCount, 'oldestAt'> & { oldestAt: number | null }>(COUNTS)
          .all()
          .map(({ oldestAt, ...count }) => ({ ...count, oldestAt: oldestAt ?? undefined })),
      ),

    pruneEvents: (before, limit) =>
      db.write(() => {
        const { changes } = db.statement(PRUNE_APPLIED).run(before, limit);
        return changes + pruneForwarded(db, before, limit - changes);
      }),

    holdInbox: async ({ account, provider }) => {
      const unlock = lockFile(lockPath(db.path, 'inbox', [account, provider]));
      return unlock && { held: () => true, release: async () => unlock() };
    },
  };
}

function pruneForwarded(db: SqliteDatabase, before: number, limit: number): number {
  const gone = new Set<number>();
  const rows = db.statement<{ event: number; receivedAt: number; done: number }>(FORWARDED).iterate();
  for (const { event, receivedAt, done } of rows) {
    if (receivedAt >= before || gone.size >= limit) break;
    if (done) gone.add(event);
  }
  for (const event of gone) db.statement(REMOVE).run(event);
  return gone.size;
}

const EVENT = 'SELECT * FROM inbox WHERE event = ?';

/** The event of that number, whole. */
export function readEvent(db: SqliteDatabase, event: number): InboxEvent | undefined {
  const row = db.statement<InboxRow>(EVENT).get(event);
  return row && toEvent(row);
}
