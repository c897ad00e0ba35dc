import { toEventRow } from '../event-row.ts';
import type { NewEvent } from '../inbox.ts';
import type { Queries, Value } from './database.ts';
import type { MachineTime } from './machine-time.ts';
import { legible } from './stored-text.ts';

/**
 * Stores a batch and where it is to go, in one statement, which is a transaction. Numbers are given in the order in which the events came, rows are written in that
 * of their keys: two processes with the same events wait for each other, and never both. All bodies come as one, since the elements of a list are sent as text.
 */
const accept = (shift: string) => `
WITH given AS MATERIALIZED (
  SELECT nextval('inbox_event_seq') AS event, each.*
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[],
    $11::integer[], $12::integer[]) WITH ORDINALITY
    AS each (account_id, provider, key, type, method, path, headers, received_at, state, last_error, body_at, bytes, place)
), stored AS (
  INSERT INTO inbox (event, account_id, provider, key, type, method, path, headers, received_at, state, last_error, body, due_at)
  SELECT event, account_id, provider, key, type, method, path, headers, received_at, state, last_error,
    substring($13::bytea FROM body_at FOR bytes), 0
  FROM given ORDER BY account_id COLLATE "C", provider COLLATE "C", key COLLATE "C"
  ON CONFLICT (account_id, provider, key) DO NOTHING
  RETURNING event
), forwarded AS (
  INSERT INTO forwards (event, target, state, due_at, received_at)
  SELECT event, target, 'received', received_at + ${shift}, received_at
  FROM stored JOIN given USING (event) JOIN unnest($14::integer[], $15::text[]) AS each (place, target) USING (place)
)
SELECT place FROM stored JOIN given USING (event)`;

const ACCEPT_PARAMETERS = 15;

/** See `Inbox.acceptEvents`. */
export async function acceptEvents(
  db: Queries,
  time: MachineTime,
  batch: readonly NewEvent[],
): Promise<readonly ('new' | 'duplicate')[]> {
  const firsts = firstOfEach(batch);
  const sql = accept(time.shift(ACCEPT_PARAMETERS + 1));
  const rows = await db.rows<{ place: number }>(sql, [...valuesOf(firsts), ...time.values()]);
  const stored = new Set(rows.map(({ place }) => firsts[place - 1]));
  return batch.map((event) => (stored.has(event) ? 'new' : 'duplicate'));
}

/** Without what comes again in the same batch. */
function firstOfEach(batch: readonly NewEvent[]): readonly NewEvent[] {
  const firsts = new Map<string, NewEvent>();
  for (const event of batch) {
    const id = `${event.account}\0${event.provider}\0${event.key}`;
    if (!firsts.has(id)) firsts.set(id, event);
  }
  return [...firsts.values()];
}

function valuesOf(events: readonly NewEvent[]): readonly Value[] {
  const rows = events.map(toEventRow);
  const column = <At extends keyof (typeof rows)[number] & number>(at: At) => rows.map((row) => row[at] ?? null);
  const people = (at: 3 | 4 | 5 | 9) => rows.map((row) => legible(row[at]) ?? null);
  const places: number[] = [];
  const targets: string[] = [];
  const starts: number[] = [];
  let end = 0;
  for (const [index, { body, forwardTo = [] }] of events.entries()) {
    // From 1, as SQL counts.
    starts.push(end + 1);
    end += body.length;
    for (const target of forwardTo) {
      places.push(index + 1);
      targets.push(target);
    }
  }
  return [
    ...[column(0), column(1), column(2), people(3), people(4), people(5), column(6), column(7), column(8), people(9)],
    ...[starts, events.map(({ body }) => body.length), Buffer.concat(events.map(({ body }) => body))],
    ...[places, targets],
  ];
}
