import { join } from 'node:path';
import Database from 'better-sqlite3';
import { queryPostgres } from './postgres-query.ts';
import { databaseOf } from './store-place.ts';

/** Reads rows out of the store of a home, as anybody could who has the file or the password. Values stand at `?` in their order. */
export function queryStore<Row>(home: string, sql: string, ...values: (string | number)[]): Row[] {
  const url = databaseOf(home);
  if (url !== undefined) return queryPostgres({ url, sql: numbered(sql), values }) as Row[];
  return inFile(home, { readonly: true }, (database) => database.prepare(sql).all(...values) as Row[]);
}

/** Changes the store of a home behind the back of lwi. */
export function changeStore(home: string, sql: string): void {
  const url = databaseOf(home);
  if (url === undefined) inFile(home, {}, (database) => database.exec(sql));
  else queryPostgres({ url, sql });
}

/** The tables of a store and the columns of each, in order. */
export function columnsOf(home: string): Map<string, readonly string[]> {
  const sql =
    databaseOf(home) === undefined
      ? `SELECT s.name AS "table", c.name AS "column" FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table' ORDER BY 1, c.cid`
      : `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns NATURAL JOIN information_schema.tables
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1, ordinal_position`;
  const tables = new Map<string, string[]>();
  for (const { table, column } of queryStore<{ table: string; column: string }>(home, sql)) {
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
}

/** Lets `ms` pass for the tokens of a home, as if they had been issued so much earlier. */
export function ageTokens(home: string, ms: number): void {
  const by = tokenSpan(home, ms);
  changeStore(home, `UPDATE oauth_tokens SET issued_at = issued_at - ${by}, expires_at = expires_at - ${by}`);
}

/** A time of `oauth_tokens` as SQL, from ms since the epoch. */
export function tokenTime(home: string, ms: number | null): string {
  if (ms === null) return 'NULL';
  return databaseOf(home) === undefined ? String(ms) : `to_timestamp(${ms} / 1000.0)`;
}

/** What is added to such a time, or taken from it, as SQL. */
export function tokenSpan(home: string, ms: number): string {
  return databaseOf(home) === undefined ? String(ms) : `interval '${ms} milliseconds'`;
}

/** Ends all leases, as time would end those of the dead. */
export function endLeases(home: string): void {
  // On PostgreSQL they last a full term after a start of the server, which may have started just before the test.
  const all = databaseOf(home) === undefined ? ', up_expires_at = 0' : ', ttl_ms = 0';
  changeStore(home, `UPDATE leases SET expires_at = 0${all}`);
}

/** How many have the right to sync a connection, or had it when they died. */
export function syncHolders(home: string): number {
  const held = 'SELECT owner FROM holds WHERE owner IS NOT NULL';
  return queryStore(home, databaseOf(home) === undefined ? 'SELECT owner FROM sync_holders' : held).length;
}

/** Whether a database file is whole, in its own words. A server keeps its own files: nothing that ends lwi could harm them. */
export function integrity(home: string): string {
  if (databaseOf(home) !== undefined) return 'ok';
  return queryStore<{ integrity_check: string }>(home, 'PRAGMA integrity_check')
    .map((row) => row.integrity_check)
    .join('\n');
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

function inFile<T>(home: string, options: Database.Options, work: (database: Database.Database) => T): T {
  const database = new Database(join(home, 'lwi.db'), options);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** `$1`, `$2`, … for each `?`; no text in a statement of a test has one. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
