/**
 * Identity, connections, secrets, leases, circuits. `oauth_tokens` is as the owner's specification gives it, and wider: what a provider does not give
 * (a refresh token, an end) may be absent. Released, and never edited.
 */
export const TOKENS = `
CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
INSERT INTO meta (name, value) VALUES ('vault_id', replace(gen_random_uuid()::text, '-', ''));
`;
