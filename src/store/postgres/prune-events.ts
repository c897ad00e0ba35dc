import type { PostgresDatabase } from './database.ts';

const NOT_FORWARDED = `EXISTS (SELECT 1 FROM forwards AS f WHERE f.event = inbox.event AND f.state <> 'delivered')`;

/** Of several processes that prune, none waits for another: what one is at is passed over. */
const PRUNE_APPLIED = `
DELETE FROM inbox WHERE event IN (
  SELECT event FROM inbox WHERE state = 'applied' AND received_at < $1 AND NOT ${NOT_FORWARDED}
  ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/** What is just kept has no forwards, and so is not looked at. */
const PRUNE_FORWARDED = `
DELETE FROM inbox WHERE event IN (
  SELECT event FROM inbox WHERE state = 'kept' AND NOT ${NOT_FORWARDED} AND event IN (
    SELECT event FROM forwards WHERE state = 'delivered' AND received_at < $1)
  ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/** See `Inbox.pruneEvents`. */
export async function pruneEvents(db: PostgresDatabase, before: number, limit: number): Promise<number> {
  const applied = await db.run(PRUNE_APPLIED, [before, limit]);
  if (applied >= limit) return applied;
  return applied + (await db.run(PRUNE_FORWARDED, [before, limit - applied]));
}
