/** The throttle on a time of its own. Released, and never edited. */
export const THROTTLE = `
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
`;
