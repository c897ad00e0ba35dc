import type { LimitRule } from '../../providers/provider.ts';
import type { SqliteDatabase } from './database.ts';

/** How long after its time a waiter is still waited for, ms: it may be asleep, stopped or dead. */
export const GRACE_MS = 250;
/** A waiter that has not asked for so long is forgotten, ms; it takes its place again when it asks. */
const FORGET_MS = 60_000;
/** Every so manyth permit goes to whoever came first of all. */
const ELDER_EVERY = 10;

const PUT = `
INSERT INTO throttle_waiters (ticket, scope, rank, rules, asks_at) VALUES (:ticket, :scope, :rank, :rules, :asksAt)
ON CONFLICT DO UPDATE SET asks_at = excluded.asks_at, rank = excluded.rank`;
const OTHERS =
  'SELECT ticket, rank, rules FROM throttle_waiters WHERE scope = ? AND asks_at >= ? ORDER BY rank, ticket';

interface Waiter {
  readonly ticket: number;
  readonly rank: number;
  readonly rules: string;
}

/**
 * How many permits are given before it is the turn of whoever asks now, after `sent` permits, if nobody comes or leaves: those with a lower rank or an
 * earlier ticket go first, but for every tenth permit, which is for the earliest ticket of all.
 */
export function turnsBefore(
  db: SqliteDatabase,
  ask: { scope: string; rules: readonly LimitRule[]; rank: number; ticket?: number | undefined },
  now: number,
  sent: number,
): number {
  const mine = ask.ticket ?? Number.POSITIVE_INFINITY;
  const others = living(db, ask.scope, ask.rules, now).filter(({ ticket }) => ticket !== mine);
  const inTurn = [...others, { ticket: mine, rank: ask.rank }].sort((a, b) => a.rank - b.rank || a.ticket - b.ticket);
  const ofAge = inTurn.toSorted((a, b) => a.ticket - b.ticket);
  for (let turn = 0; ; turn++) {
    const elders = (sent + turn) % ELDER_EVERY === ELDER_EVERY - 1;
    const [next] = elders ? ofAge : inTurn;
    if (next === undefined || next.ticket === mine) return turn;
    ofAge.splice(ofAge.indexOf(next), 1);
    inTurn.splice(inTurn.indexOf(next), 1);
  }
}

/** Living waiters of the scope for any of these rules. */
export function living(db: SqliteDatabase, scope: string, rules: readonly LimitRule[], now: number): Waiter[] {
  const waiters = db.statement<Waiter>(OTHERS).all(scope, now - GRACE_MS);
  return waiters.filter((waiter) => rules.some(({ name }) => waiter.rules.includes(`\n${name}\n`)));
}

/** Takes a place, or keeps it until `asksAt`; returns the ticket. */
export function keepPlace(
  db: SqliteDatabase,
  ask: { scope: string; rules: readonly LimitRule[]; rank: number; ticket?: number | undefined },
  asksAt: number,
): number {
  const { scope, rank, ticket } = ask;
  const rules = `\n${ask.rules.map(({ name }) => name).join('\n')}\n`;
  const { lastInsertRowid } = db.statement(PUT).run({ ticket: ticket ?? null, scope, rank, rules, asksAt });
  return ticket ?? Number(lastInsertRowid);
}

/** Until when the place of a ticket is kept. */
export function placeUntil(db: SqliteDatabase, ticket: number): number {
  const sql = 'SELECT asks_at FROM throttle_waiters WHERE ticket = ?';
  return db.statement<{ asks_at: number }>(sql).get(ticket)?.asks_at ?? Number.NEGATIVE_INFINITY;
}

export function leavePlace(db: SqliteDatabase, ticket: number): void {
  db.statement('DELETE FROM throttle_waiters WHERE ticket = ?').run(ticket);
}

/** Forgets whoever has not asked for a long time. */
export function forgetWaiters(db: SqliteDatabase, scope: string, now: number): void {
  db.statement('DELETE FROM throttle_waiters WHERE scope = ? AND asks_at < ?').run(scope, now - FORGET_MS);
}
