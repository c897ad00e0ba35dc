import type { EventState, NewEvent } from '../inbox.ts';
import type { SqliteDatabase } from './database.ts';

const ACCEPT = `
INSERT INTO inbox (account_id, provider, key, type, method, path, headers, received_at, state, last_error, body, due_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
ON CONFLICT (account_id, provider, key) DO NOTHING`;

const FORWARD = `
INSERT INTO forwards (event, target, state, due_at) VALUES (?, ?, 'received', ?)`;

/** What ACCEPT takes, in its order, but for the body: plain values, which cost little to hand to another thread. */
export type EventRow = readonly [
  account: string,
  provider: string,
  key: string,
  type: string,
  method: string,
  path: string,
  headers: string,
  receivedAt: number,
  state: EventState,
  failed: string | undefined,
];

export function toEventRow(event: NewEvent): EventRow {
  const { account, provider, key, type, method, path, headers, receivedAt, failed, kept } = event;
  const state: EventState = kept ? 'kept' : failed === undefined ? 'received' : 'failed';
  const pairs = JSON.stringify(headers);
  return [account, provider, key, type, method, path, pairs, receivedAt, state, kept ? undefined : failed];
}

/** Inside a write transaction. */
export function insertEvent(
  db: SqliteDatabase,
  row: EventRow,
  body: Uint8Array,
  forwardTo: readonly string[] = [],
): 'new' | 'duplicate' {
  const { changes, lastInsertRowid } = db.statement(ACCEPT).run(...row, body);
  if (changes !== 1) return 'duplicate';
  for (const target of forwardTo) db.statement(FORWARD).run(Number(lastInsertRowid), target, row[7]);
  return 'new';
}
