/** Leases on a clock of their own, and room for the next token. Released, and never edited. */
export const LEASES = `
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
`;
