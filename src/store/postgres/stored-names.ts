import type { DistantNames, NamedEvent } from '../stored-names.ts';
import { connectionSettings } from './connection-url.ts';
import { PostgresDatabase } from './database.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody waits for a Tab: for a connection, and for an answer, ms. */
const PATIENCE_MS = 500;

/** A long inbox is not searched to its end while somebody waits. */
const LOOKED_AT = 10_000;

const CONNECTIONS = `
SELECT name AS account, provider FROM oauth_tokens JOIN accounts ON accounts.id = account_id ORDER BY name, provider`;
const EVENTS = `
SELECT key, provider, type, received_at AS "receivedAt" FROM inbox
WHERE event > (SELECT max(event) FROM inbox) - ${LOOKED_AT}
  AND ($1::text IS NULL OR account_id = $1) AND ($2::text IS NULL OR provider = $2) AND starts_with(key, $3)
ORDER BY event DESC LIMIT $4`;
const SECRETS = 'SELECT name FROM secrets WHERE account_id = $1 AND provider = $2 ORDER BY name';

/** The names in the database at `url`, which `source` names in errors. Nothing is connected yet, and never for long; each reading throws what it meets. Throws USAGE. */
export function postgresNames(url: string, source: string, around: Surroundings): DistantNames {
  const { driver, ...settings } = connectionSettings(url, source, around);
  const brief = { max: 1, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS };
  const db = new PostgresDatabase({ ...settings, driver: { ...driver, ...brief } });
  return {
    connections: () => db.rows<{ account: string; provider: string }>(CONNECTIONS),
    events: ({ account, provider, key, limit }) => db.rows<NamedEvent>(EVENTS, [account, provider, key, limit]),
    secrets: async (account, provider) =>
      (await db.rows<{ name: string }>(SECRETS, [account, provider])).map(({ name }) => name),
    close: () => db.close(),
  };
}
