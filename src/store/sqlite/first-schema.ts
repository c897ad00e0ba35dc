/** What the first version made. Released, and never edited. */
export const FIRST = `
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
`;
