/** Who has which right. Released, and never edited. */
export const HOLDS = `
CREATE TABLE holds (
  name text COLLATE "C" PRIMARY KEY,
  -- Grows each time that somebody takes the right.
  generation bigint NOT NULL,
  -- NULL: it was given back.
  owner text,
  since bigint NOT NULL
);
`;
