import type { EventRow } from '../event-row.ts';
import type { SqliteDatabase } from './database.ts';

const ACCEPT = `
INSERT INTO inbox (account_id, provider, key, type, method, path, headers, received_at, state, last_error, body, due_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
ON CONFLICT (account_id, provider, key) DO NOTHING`;

const FORWARD = `
INSERT INTO forwards (event, target, state, due_at) VALUES (?, ?, 'received', ?)`;

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
