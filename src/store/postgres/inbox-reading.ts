import { type AttemptRow, type ForwardRow, toAttempt, toForward, UNDER_WAY } from '../forward-row.ts';
import type { EventAsk, EventFilter, EventStanding, InboxReading, ListedEvent } from '../inbox-reading.ts';
import { type InboxRow, toEvent } from '../inbox-row.ts';
import type { PostgresDatabase, Value } from './database.ts';
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

/** Absent members of a filter are NULL. */
const FITS = `
($1::text IS NULL OR account_id = $1) AND ($2::text IS NULL OR provider = $2)
AND ($3::bigint IS NULL OR received_at >= $3) AND ($4::bigint IS NULL OR received_at < $4)
AND ($5::text IS NULL OR key = $5)
AND ($6::text IS NULL OR starts_with(key, $6))
AND ($7::text[] IS NULL OR ${STANDING} = ANY($7))
AND ($8::boolean IS NULL OR NOT (state = 'received' OR ${SOME("f.state IN ('received', 'delivering')")}))
AND ($9::text[] IS NULL OR ${SOME('f.state = ANY($9)')})`;

const FORWARDS = `
coalesce((SELECT json_agg(json_build_object('target', target, 'state', f.state, 'attempts', f.attempts,
    'dueAt', CASE WHEN f.state = 'received' THEN f.due_at END, 'lastError', f.last_error) ORDER BY target)
  FROM forwards AS f WHERE f.event = inbox.event), '[]')`;

/** Only what is on the page is asked about further. */
const PAGE = (order: 'newest' | 'oldest') => `
SELECT inbox.*, ${STANDING} AS standing, ${FORWARDS} AS forwards
FROM (
  SELECT event, account_id, provider, key, type, method, path, received_at, state, attempts, last_error, length(body) AS bytes
  FROM inbox WHERE ($10::bigint IS NULL OR event ${order === 'newest' ? '<' : '>'} $10) AND ${FITS}
  ORDER BY event ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT $11) AS inbox
ORDER BY event ${order === 'newest' ? 'DESC' : 'ASC'}`;

const ATTEMPTS = `
SELECT target, attempt, started_at AS "startedAt", took_ms AS "tookMs", status, error FROM (
  SELECT number, target, attempt, started_at, took_ms, status, error FROM forward_attempts WHERE event = $1
  UNION ALL
  SELECT NULL, target, attempts, started_at, NULL, NULL, '${UNDER_WAY}' FROM forwards WHERE event = $1 AND state = 'delivering') AS each
ORDER BY number NULLS LAST, target`;

/** Nobody finishes an attempt for these from then on. */
const FITTING = `SELECT event FROM inbox WHERE ${FITS} ORDER BY event LIMIT $10 FOR UPDATE`;

/** What no longer fits, now that it is locked, stays. */
const REMOVE = `DELETE FROM inbox WHERE event = ANY ($10::bigint[]) AND ${FITS}`;

interface PageRow extends Omit<InboxRow, 'headers' | 'body'> {
  readonly bytes: number;
  readonly standing: EventStanding;
  readonly forwards: readonly ForwardRow[];
}

/** Looks at the inbox, and clears it. */
export function inboxReading(db: PostgresDatabase): InboxReading {
  return {
    events: async ({ order, after, limit, ...of }: EventAsk) =>
      (await db.rows<PageRow>(PAGE(order), [...bound(of), after, limit])).map(toListed),
    event: (event) => readEvent(db, event),
    eventAttempts: async (event) => (await db.rows<AttemptRow>(ATTEMPTS, [event])).map(toAttempt),
    removeEvents: (of, limit) =>
      db.write(async (tx) => {
        const fitting = await tx.rows<{ event: number }>(FITTING, [...bound(of), limit]);
        if (fitting.length === 0) return 0;
        return tx.run(REMOVE, [...bound(of), fitting.map(({ event }) => event)]);
      }),
  };
}

function toListed({ bytes, standing, forwards, ...row }: PageRow): ListedEvent {
  const { body: _, headers: __, ...event } = toEvent({ ...row, headers: '[]', body: new Uint8Array() });
  return { ...event, bytes, standing, forwards: forwards.map(toForward) };
}

function bound({ account, provider, since, until, key, exactKey, standings, forwards, idle }: EventFilter): Value[] {
  return [account, provider, since, until, exactKey, key, standings, idle, forwards];
}
