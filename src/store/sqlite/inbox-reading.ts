import { type AttemptRow, type ForwardRow, toAttempt, toForward, UNDER_WAY } from '../forward-row.ts';
import type { EventAsk, EventFilter, EventStanding, InboxReading, ListedEvent } from '../inbox-reading.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import type { SqliteDatabase } from './database.ts';
import { readEvent } from './inbox.ts';

const SOME = (where: string) => `EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND (${where}))`;

/** See `EVENT_STANDINGS`. */
const STANDING = `
CASE WHEN state = 'failed' OR ${SOME("f.state = 'failed'")} THEN 'failed'
  WHEN ${SOME("f.state = 'delivering' OR (f.state = 'received' AND f.attempts > 0)")} THEN 'delivering'
  WHEN state = 'received' OR ${SOME("f.state = 'received'")} THEN 'received'
  WHEN ${SOME('TRUE')} THEN 'delivered'
  WHEN state = 'kept' THEN 'received'
  ELSE 'applied' END`;

/** Absent members of a filter are NULL, and lists are JSON. */
const FITS = `
(:account IS NULL OR account_id = :account) AND (:provider IS NULL OR provider = :provider)
AND (:since IS NULL OR received_at >= :since) AND (:until IS NULL OR received_at < :until)
AND (:exactKey IS NULL OR key = :exactKey)
AND (:key IS NULL OR substr(key, 1, length(:key)) = :key)
AND (:standings IS NULL OR ${STANDING} IN (SELECT value FROM json_each(:standings)))
AND (:idle IS NULL OR NOT (state = 'received' OR ${SOME("f.state IN ('received', 'delivering')")}))
AND (:forwards IS NULL OR ${SOME('f.state IN (SELECT value FROM json_each(:forwards))')})`;

const PAGE = (order: 'newest' | 'oldest') => `
SELECT event, account_id, provider, key, type, method, path, received_at, state, attempts, last_error,
  length(body) AS bytes, ${STANDING} AS standing
FROM inbox WHERE ${order === 'newest' ? '(:after IS NULL OR event < :after)' : '(:after IS NULL OR event > :after)'} AND ${FITS}
ORDER BY event ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT :limit`;

const FORWARDS = `
SELECT target, state, attempts, iif(state = 'received', due_at, NULL) AS dueAt, last_error AS lastError
FROM forwards WHERE event = ? ORDER BY target`;

const ATTEMPTS = `
SELECT target, attempt, started_at AS startedAt, took_ms AS tookMs, status, error FROM forward_attempts WHERE event = :event
UNION ALL SELECT target, attempts, started_at, NULL, NULL, '${UNDER_WAY}' FROM forwards WHERE event = :event AND state = 'delivering'`;

const FITTING = `SELECT event FROM inbox WHERE ${FITS} ORDER BY event LIMIT :limit`;

/** Looked for before the transaction, which must not keep others waiting; what no longer fits stays. */
const REMOVE = `DELETE FROM inbox WHERE event = :event AND ${FITS}`;

type PageRow = Omit<InboxRow, 'headers' | 'body'> & { readonly bytes: number; readonly standing: EventStanding };

/** Looks at the inbox, and clears it. */
export function inboxReading(db: SqliteDatabase): InboxReading {
  return {
    events: (ask) => db.read(() => page(db, ask)),
    event: (event) => db.read(() => readEvent(db, event)),
    eventAttempts: (event) => db.read(() => db.statement<AttemptRow>(ATTEMPTS).all({ event }).map(toAttempt)),
    removeEvents: async (of, limit) => {
      const fitting = await db.read(() => db.statement<{ event: number }>(FITTING).all({ ...bound(of), limit }));
      return db.write(() => {
        let gone = 0;
        for (const { event } of fitting) gone += db.statement(REMOVE).run({ ...bound(of), event }).changes;
        return gone;
      });
    },
  };
}

function page(db: SqliteDatabase, { order, after, limit, ...of }: EventAsk): readonly ListedEvent[] {
  const rows = db.statement<PageRow>(PAGE(order)).all({ ...bound(of), after, limit });
  return rows.map(({ bytes, standing, ...row }) => {
    const { body: _, headers: __, ...event } = toEvent({ ...row, headers: '[]', body: new Uint8Array() });
    return { ...event, bytes, standing, forwards: db.statement<ForwardRow>(FORWARDS).all(row.event).map(toForward) };
  });
}

function bound({ account, provider, since, until, key, exactKey, standings, forwards, idle }: EventFilter) {
  const list = (values: readonly string[] | undefined) => (values === undefined ? undefined : JSON.stringify(values));
  return {
    ...{ account, provider, since, until, key, exactKey, standings: list(standings), forwards: list(forwards) },
    idle: idle ? 1 : undefined,
  };
}
