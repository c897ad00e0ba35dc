/** The tables of webhooks, as the migrations make them. Append only, like those. */

export const INBOX = `
-- Verified webhook deliveries, byte for byte. account_id is empty where no connection was found for one.
CREATE TABLE inbox (
  event INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- What tells a repeat from a new one.
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  -- JSON [[name, value], ...] in the order in which they came.
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'applied', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When it may be tried again; 0: at once.
  due_at INTEGER NOT NULL,
  last_error TEXT,
  -- Of sync_runs: the last one that tried it.
  run INTEGER,
  finished_at INTEGER,
  UNIQUE (account_id, provider, key)
) STRICT;
CREATE INDEX idx_inbox_due ON inbox (account_id, provider, due_at) WHERE state = 'received';
CREATE INDEX idx_inbox_open ON inbox (account_id, provider, state, received_at) WHERE state <> 'applied';
CREATE INDEX idx_inbox_applied ON inbox (received_at) WHERE state = 'applied';
`;

/** SQLite cannot widen a CHECK: the table is made anew, with one more state. */
export const FORWARDS = `
CREATE TABLE new_inbox (
  event INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  -- What tells a repeat from a new one.
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  -- JSON [[name, value], ...] in the order in which they came.
  headers TEXT NOT NULL,
  body BLOB NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'applied', 'failed', 'kept')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When it may be tried again; 0: at once.
  due_at INTEGER NOT NULL,
  last_error TEXT,
  -- Of sync_runs: the last one that tried it.
  run INTEGER,
  finished_at INTEGER,
  UNIQUE (account_id, provider, key)
) STRICT;
INSERT INTO new_inbox SELECT * FROM inbox;
DROP TABLE inbox;
ALTER TABLE new_inbox RENAME TO inbox;
CREATE INDEX idx_inbox_due ON inbox (account_id, provider, due_at) WHERE state = 'received';
CREATE INDEX idx_inbox_open ON inbox (account_id, provider, state, received_at) WHERE state IN ('received', 'failed');
CREATE INDEX idx_inbox_applied ON inbox (received_at) WHERE state = 'applied';

-- Where an event is to be forwarded to, and how far that is.
CREATE TABLE forwards (
  event INTEGER NOT NULL REFERENCES inbox (event) ON DELETE CASCADE,
  -- URL.
  target TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'delivering', 'delivered', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- When it may be sent.
  due_at INTEGER NOT NULL,
  -- When the attempt under way began.
  started_at INTEGER,
  last_error TEXT,
  finished_at INTEGER,
  PRIMARY KEY (event, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX idx_forwards_open ON forwards (target, state, due_at, event) WHERE state IN ('received', 'delivering');
CREATE INDEX idx_forwards_failed ON forwards (event) WHERE state = 'failed';

CREATE TABLE forward_attempts (
  event INTEGER NOT NULL REFERENCES inbox (event) ON DELETE CASCADE,
  -- In their order, over all targets of the event.
  number INTEGER NOT NULL,
  target TEXT NOT NULL,
  -- From 1 for each target; NULL: a replay.
  attempt INTEGER,
  started_at INTEGER NOT NULL,
  -- NULL: no end of it is known.
  took_ms INTEGER,
  status INTEGER,
  error TEXT,
  PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;
`;
