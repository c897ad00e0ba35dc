import { FORWARDS, INBOX } from './inbox-schema.ts';

/** What a migration needs of the driver. */
interface Target {
  exec(sql: string): unknown;
  pragma(sql: string): unknown;
}

/**
 * Schema changes in order; the entry at index n brings version n to n + 1. Append only: an entry that was released is never
 * edited. Times are INTEGER ms since the epoch.
 */
const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('vault_id', lower(hex(randomblob(16))));

CREATE TABLE oauth_tokens (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  env TEXT NOT NULL,
  variant TEXT,
  client_encrypted BLOB,
  access_token_encrypted BLOB NOT NULL,
  refresh_token_encrypted BLOB,
  id_token_encrypted BLOB,
  token_type TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER,
  refresh_expires_at INTEGER,
  refresh_hard_expires_at INTEGER,
  scopes TEXT NOT NULL,
  external_id TEXT,
  external_name TEXT,
  external_user_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'reconnect')),
  state_reason TEXT,
  generation INTEGER NOT NULL,
  refresh_count INTEGER NOT NULL DEFAULT 0,
  last_refresh_at INTEGER,
  last_refresh_outcome TEXT CHECK (last_refresh_outcome IN ('refreshed', 'reconnect', 'failed')),
  last_refresh_detail TEXT,
  last_refresh_failures INTEGER NOT NULL DEFAULT 0,
  rotation_started_at INTEGER,
  rotation_owner TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (account_id, provider)
) STRICT;
CREATE INDEX idx_oauth_tokens_account_provider ON oauth_tokens (account_id, provider);

-- The last generation of a deleted connection, so that its successor never repeats one.
CREATE TABLE retired_generations (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  generation INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  ttl_ms INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE throttle_buckets (
  bucket INTEGER NOT NULL PRIMARY KEY,
  scope TEXT NOT NULL,
  rule TEXT NOT NULL,
  permits INTEGER NOT NULL,
  per_ms REAL NOT NULL,
  theoretical_arrival REAL NOT NULL,
  hold_until INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  UNIQUE (scope, rule)
) STRICT;
CREATE TABLE throttle_permits (
  bucket INTEGER NOT NULL REFERENCES throttle_buckets (bucket) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  -- Not rounded to the millisecond in which the request goes out, so that rounding does not add up.
  sent_at REAL NOT NULL,
  PRIMARY KEY (bucket, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE circuits (
  scope TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
  failures INTEGER NOT NULL,
  since INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,
  updated_at INTEGER,
  deleted INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider, external_id, entity, id)
) STRICT;
-- With it, live records are counted from two indexes, without reading a row.
CREATE INDEX idx_records_deleted ON records (account_id, provider, external_id) WHERE deleted = 1;

CREATE TABLE rejected_records (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  digest TEXT NOT NULL,
  reason TEXT NOT NULL,
  data TEXT NOT NULL,
  run INTEGER NOT NULL,
  rejected_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider, external_id, entity, digest)
) STRICT;

CREATE TABLE sync_cursors (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  watermark INTEGER,
  resume TEXT,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider, external_id, entity)
) STRICT;

CREATE TABLE sync_runs (
  run INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  outcome TEXT,
  pages INTEGER NOT NULL DEFAULT 0,
  upserted INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  deleted INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX idx_sync_runs_target ON sync_runs (account_id, provider, external_id, finished_at);

CREATE TABLE secrets (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  value_encrypted BLOB NOT NULL,
  fingerprint TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider, name)
) STRICT;
`,
  `
-- The end of a lease on a clock that nobody sets, and which boot of the machine that clock belongs to.
ALTER TABLE leases ADD COLUMN boot TEXT;
ALTER TABLE leases ADD COLUMN up_expires_at INTEGER;
-- Room for the next token, taken before the present one is spent, so that the answer finds some on a disk that has filled up meanwhile.
CREATE TABLE rotation_reserves (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  room BLOB NOT NULL,
  PRIMARY KEY (account_id, provider)
) STRICT;
`,
  `
-- What they held was of use for a minute; the new ones run on a time of their own.
DROP TABLE throttle_permits;
DROP TABLE throttle_buckets;

-- The time of the tables below, which never goes back: time of the source (a boot of the machine, or its wall clock) plus offset.
CREATE TABLE throttle_clock (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  source TEXT NOT NULL,
  ahead REAL NOT NULL,
  seen_at REAL NOT NULL,
  seen_wall REAL NOT NULL
) STRICT;

CREATE TABLE throttle_buckets (
  bucket INTEGER NOT NULL PRIMARY KEY,
  scope TEXT NOT NULL,
  rule TEXT NOT NULL,
  permits INTEGER NOT NULL,
  per_ms REAL NOT NULL,
  burst INTEGER NOT NULL,
  concurrency INTEGER NOT NULL,
  theoretical_arrival REAL NOT NULL,
  hold_until REAL NOT NULL,
  -- No more than quota_left until quota_until: what the provider said.
  quota_left INTEGER NOT NULL,
  quota_until REAL NOT NULL,
  -- The least time between permit and answer, of the present hundred requests and of those before.
  least_latency REAL,
  least_before REAL,
  sent INTEGER NOT NULL,
  -- JSON [[number, began at, ends at], …] of the permits whose requests are in flight.
  flights TEXT NOT NULL,
  -- JSON of what the provider's headers last said, and when, ms since the epoch.
  said TEXT,
  said_at INTEGER,
  UNIQUE (scope, rule)
) STRICT;
CREATE TABLE throttle_permits (
  bucket INTEGER NOT NULL REFERENCES throttle_buckets (bucket) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  -- When the provider may have counted it: the latest such time once it has landed.
  counted_at REAL NOT NULL,
  landed INTEGER NOT NULL,
  PRIMARY KEY (bucket, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE throttle_waiters (
  ticket INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  scope TEXT NOT NULL,
  rank INTEGER NOT NULL,
  -- Names of the buckets, each between line ends.
  rules TEXT NOT NULL,
  -- When it will ask again.
  asks_at REAL NOT NULL
) STRICT;
CREATE INDEX idx_throttle_waiters_scope ON throttle_waiters (scope, rank, ticket);

ALTER TABLE circuits ADD COLUMN successes INTEGER NOT NULL DEFAULT 0;
`,
  `
-- The list within a stream that a record stands in, where it is made of several.
ALTER TABLE records ADD COLUMN scope TEXT;
CREATE INDEX idx_records_scope ON records (account_id, provider, external_id, entity, scope, id) WHERE scope IS NOT NULL;
-- deleted: 0 live, 1 by the provider's word, 2 absent from a read of everything.
DROP INDEX idx_records_deleted;
CREATE INDEX idx_records_gone ON records (account_id, provider, external_id) WHERE deleted > 0;
-- JSON of the request that brought the row.
ALTER TABLE rejected_records ADD COLUMN request TEXT;
-- sync, poll or event; and which process did it.
ALTER TABLE sync_runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'sync';
ALTER TABLE sync_runs ADD COLUMN owner TEXT;
-- Ids that the present window of an entity has seen.
CREATE TABLE sync_seen (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (account_id, provider, external_id, entity, id)
) STRICT, WITHOUT ROWID;
-- Who took the right to sync a connection last; whether it is still held, a lock of the system tells.
CREATE TABLE sync_holders (
  account_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (account_id, provider, external_id)
) STRICT, WITHOUT ROWID;
`,
  INBOX,
  FORWARDS,
];

/** The schema version that this program writes. */
export const LATEST_VERSION = MIGRATIONS.length;

/** Brings a database of `version` to the latest one. The caller holds the transaction, and reads `version` inside it. */
export function migrate(target: Target, version: number, applicationId: number): void {
  for (const sql of MIGRATIONS.slice(version)) target.exec(sql);
  target.pragma(`application_id = ${applicationId}`);
  target.pragma(`user_version = ${LATEST_VERSION}`);
}
