import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Reads rows out of the database file of a home, as anybody could who has the file. */
export function queryStore<Row>(home: string, sql: string, ...values: (string | number)[]): Row[] {
  const database = new Database(join(home, 'lwi.db'), { readonly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}

/** Changes the database file of a home behind the back of lwi. */
export function changeStore(home: string, sql: string): void {
  const database = new Database(join(home, 'lwi.db'));
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

/** Lets `ms` pass for the tokens of a home, as if they had been issued so much earlier. */
export function ageTokens(home: string, ms: number): void {
  const database = new Database(join(home, 'lwi.db'));
  try {
    database.prepare('UPDATE oauth_tokens SET issued_at = issued_at - @ms, expires_at = expires_at - @ms').run({ ms });
  } finally {
    database.close();
  }
}

/** Ends all leases, as time would end those of the dead. */
export function endLeases(home: string): void {
  const database = new Database(join(home, 'lwi.db'));
  try {
    database.prepare('UPDATE leases SET expires_at = 0, up_expires_at = 0').run();
  } finally {
    database.close();
  }
}

/** Ids of the live records of an entity, in order of text. */
export function recordIds(home: string, entity: string): string[] {
  const sql = 'SELECT id FROM records WHERE entity = ? AND deleted = 0 ORDER BY id';
  return queryStore<{ id: string }>(home, sql, entity).map(({ id }) => id);
}

/** Holds the write lock of the database file of a home, as another program may, until the function that is returned is called. */
export function lockStore(home: string): () => void {
  const database = new Database(join(home, 'lwi.db'));
  database.exec('BEGIN IMMEDIATE');
  return () => void database.close();
}
