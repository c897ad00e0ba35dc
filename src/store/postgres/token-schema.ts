/**
 * Identity, connections, secrets, leases, circuits. `oauth_tokens` has the columns, types and constraints of the owner's specification, and more of them; where
 * it differs is in docs/decisions/0027. Released, and never edited.
 */
export const TOKENS = `
CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
INSERT INTO meta (name, value) VALUES ('vault_id', replace(gen_random_uuid()::text, '-', ''));

-- The tenants that were ever connected: a name that people choose, and the UUID that oauth_tokens refers to.
CREATE TABLE accounts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text COLLATE "C" NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE oauth_tokens (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES accounts (id),
  provider varchar(50) COLLATE "C" NOT NULL,
  access_token_encrypted bytea NOT NULL,
  -- NULL: the provider gave none.
  refresh_token_encrypted bytea,
  -- NULL: the access token has no end.
  expires_at timestamptz,
  scopes text[],
  external_id varchar(255),
  external_user_id varchar(255),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  env text NOT NULL,
  variant text,
  client_encrypted bytea,
  id_token_encrypted bytea,
  token_type text NOT NULL,
  issued_at timestamptz NOT NULL,
  refresh_expires_at timestamptz,
  refresh_hard_expires_at timestamptz,
  external_name text,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'reconnect')),
  state_reason text,
  generation bigint NOT NULL,
  refresh_count bigint NOT NULL DEFAULT 0,
  last_refresh_at timestamptz,
  last_refresh_outcome text CHECK (last_refresh_outcome IN ('refreshed', 'reconnect', 'failed')),
  last_refresh_detail text,
  last_refresh_failures bigint NOT NULL DEFAULT 0,
  rotation_started_at timestamptz,
  rotation_owner text,
  UNIQUE (account_id, provider)
-- A refresh writes the row three times; the room in its page is used again without touching an index.
) WITH (fillfactor = 50);
CREATE INDEX idx_oauth_tokens_account_provider ON oauth_tokens (account_id, provider);

-- The last generation of a deleted connection, so that its successor never repeats one.
CREATE TABLE retired_generations (
  account_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  PRIMARY KEY (account_id, provider)
);

CREATE TABLE leases (
  name text COLLATE "C" PRIMARY KEY,
  owner text NOT NULL,
  ttl_ms bigint NOT NULL,
  -- By the clock of the database.
  expires_at bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE circuits (
  scope text COLLATE "C" PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
  failures bigint NOT NULL,
  successes bigint NOT NULL,
  -- By the clock of the database.
  since bigint NOT NULL,
  version bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE secrets (
  account_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  value_encrypted bytea NOT NULL,
  fingerprint text NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (account_id, provider, name)
);
`;
