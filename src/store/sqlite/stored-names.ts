import type { NamedEvent, StoredNames } from '../stored-names.ts';
import { openToRead } from './read-database.ts';

/** Somebody waits for a Tab, ms. */
const PATIENCE_MS = 100;

/** A long inbox is not searched to its end while somebody waits. */
const LOOKED_AT = 10_000;

const CONNECTIONS = 'SELECT account_id AS account, provider FROM oauth_tokens ORDER BY account_id, provider';
const EVENTS = `
SELECT key, provider, type, received_at AS receivedAt FROM inbox
WHERE event > (SELECT max(event) FROM inbox) - ${LOOKED_AT}
  AND (:account IS NULL OR account_id = :account) AND (:provider IS NULL OR provider = :provider)
  AND substr(key, 1, length(:key)) = :key
ORDER BY event DESC LIMIT :limit`;
const SECRETS = 'SELECT name FROM secrets WHERE account_id = ? AND provider = ? ORDER BY name';

/**
 * Opens the names in the database file `path` as it is: without a migration, so that a database of another version may miss a table, and without waiting
 * long. Undefined where there is no file. Throws like `openToRead`; each reading throws errors of the driver.
 */
export function openStoredNames(path: string): StoredNames | undefined {
  const db = openToRead(path, PATIENCE_MS);
  if (db === undefined) return undefined;
  return {
    connections: () => db.all<{ account: string; provider: string }>(CONNECTIONS),
    events: (ask) => db.all<NamedEvent>(EVENTS, { ...ask }),
    secrets: (account, provider) => db.all<{ name: string }>(SECRETS, account, provider).map(({ name }) => name),
    close: db.close,
  };
}
