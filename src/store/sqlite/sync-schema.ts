/** What syncs keep of windows, requests and each other. Released, and never edited. */
export const SYNC = `
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
`;
