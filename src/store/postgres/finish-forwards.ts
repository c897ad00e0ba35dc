import type { ForwardEnd } from '../forwards.ts';
import type { Value } from './database.ts';
import { LIGHTLY } from './lightly.ts';
import { legible } from './stored-text.ts';
import type { ForwardRights } from './take-forwards.ts';

/**
 * Events are locked first and in their order, as whoever removes them does, so that two never wait for each other. What was taken under another generation has
 * another end, which somebody else notes.
 */
const finish = (shift: string) => `
WITH ends AS (
  SELECT DISTINCT ON (event, target) *
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::integer[], $9::bigint[])
    WITH ORDINALITY AS each (event, target, state, due_at, error, started_at, took_ms, status, generation, place)
  ORDER BY event, target, place
), there AS MATERIALIZED (
  SELECT event FROM inbox WHERE event IN (SELECT event FROM ends) ORDER BY event FOR KEY SHARE
), ended AS (
  UPDATE forwards SET state = ends.state, due_at = coalesce(ends.due_at + ${shift}, forwards.due_at), started_at = NULL, last_error = ends.error,
    finished_at = CASE WHEN ends.state <> 'received' THEN ends.started_at + ends.took_ms END
  FROM there JOIN ends USING (event)
  WHERE forwards.event = ends.event AND forwards.target = ends.target AND forwards.state = 'delivering'
    AND forwards.generation = ends.generation AND ${LIGHTLY}
  RETURNING ends.*, forwards.attempts
)
INSERT INTO forward_attempts (event, target, attempt, started_at, took_ms, status, error)
SELECT event, target, attempts, started_at, took_ms, status, error FROM ended ORDER BY place`;

/** See `Forwards.finishForwards`. */
export async function finishForwards(rights: ForwardRights, ends: readonly ForwardEnd[]): Promise<void> {
  const { db, kept, time, underWay } = rights;
  if (ends.length === 0) return;
  const values: Value[] = [
    ends.map(({ event }) => event),
    ends.map(({ target }) => target),
    ends.map(({ state }) => state),
    ends.map((end) => (end.state === 'received' ? end.dueAt : null)),
    ends.map(({ error }) => legible(error) ?? null),
    ends.map(({ startedAt }) => startedAt),
    ends.map(({ tookMs }) => tookMs),
    ends.map(({ status }) => status ?? null),
    ends.map(({ target }) => kept.of([target])?.generation ?? 0),
  ];
  await db.run(finish(time.shift(10)), [...values, ...time.values()]);
  for (const { event, target } of ends) underWay.ended(kept.of([target]), [event]);
}
