/** The throttle: what is known of each limit, and who waits. Times are ms on the scope's own time, fractional. Released, and never edited. */
export const THROTTLE = `
-- The time of each scope, which never goes back: that of the database's clock plus ahead. seen_wall is what that clock said at seen_at.
CREATE TABLE throttle_scopes (
  scope text COLLATE "C" PRIMARY KEY,
  ahead float8 NOT NULL,
  seen_at float8 NOT NULL,
  seen_wall float8 NOT NULL
);
CREATE TABLE throttle_buckets (
  bucket bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text COLLATE "C" NOT NULL,
  rule text COLLATE "C" NOT NULL,
  permits integer NOT NULL,
  per_ms float8 NOT NULL,
  burst integer NOT NULL,
  concurrency integer NOT NULL,
  theoretical_arrival float8 NOT NULL DEFAULT 0,
  hold_until float8 NOT NULL DEFAULT 0,
  -- No more than quota_left until quota_until: what the provider said.
  quota_left bigint NOT NULL DEFAULT 0,
  quota_until float8 NOT NULL DEFAULT 0,
  -- The least time between permit and answer, of the present hundred requests and of those before.
  least_latency float8,
  least_before float8,
  sent bigint NOT NULL DEFAULT 0,
  -- [[number, began at, ends at, owner], …] of the permits whose requests are in flight.
  flights jsonb NOT NULL DEFAULT '[]',
  -- What the provider's headers last said, and when, ms since the epoch.
  said jsonb,
  said_at bigint,
  UNIQUE (scope, rule)
) WITH (fillfactor = 50);
CREATE TABLE throttle_permits (
  bucket bigint NOT NULL REFERENCES throttle_buckets (bucket) ON DELETE CASCADE,
  slot integer NOT NULL,
  -- When the provider may have counted it: the latest such time once it has landed.
  counted_at float8 NOT NULL,
  landed boolean NOT NULL,
  PRIMARY KEY (bucket, slot)
) WITH (fillfactor = 80);
CREATE SEQUENCE throttle_tickets;
CREATE TABLE throttle_waiters (
  ticket bigint PRIMARY KEY,
  scope text COLLATE "C" NOT NULL,
  rank integer NOT NULL,
  -- Names of the buckets, each between line ends.
  rules text NOT NULL,
  -- When it will ask again.
  asks_at float8 NOT NULL
);
CREATE INDEX idx_throttle_waiters_scope ON throttle_waiters (scope);
`;
