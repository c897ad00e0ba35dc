import { statSync } from 'node:fs';
import type { StoreStanding } from '../standing.ts';
import { LATEST_VERSION } from './migrations.ts';
import { openToRead } from './read-database.ts';
import { sqliteVersion } from './sqlite-version.ts';

/** Somebody waits for an answer and nobody for the database, ms. */
const PATIENCE_MS = 5000;

/** The database in the file at `path` as it is, or none. Throws STORE_DAMAGED, STORE_LOCKED, STORE_READONLY, STORE_TOO_NEW. */
export function sqliteStanding(path: string): StoreStanding {
  const db = openToRead(path, PATIENCE_MS);
  if (db === undefined) {
    const schema = { version: 0, needed: LATEST_VERSION, compatibleWith: 0 };
    return { engine: `SQLite ${sqliteVersion()}`, place: path, schema, sizeBytes: 0, tables: [] };
  }
  try {
    const one = <Row>(sql: string) => db.all<Row>(sql)[0] as Row;
    const version = one<{ user_version: number }>('PRAGMA user_version').user_version;
    const names = db.all<{ name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    const tables = names.map(({ name }) => ({
      name,
      rows: one<{ rows: number }>(`SELECT count(*) AS rows FROM "${name.replaceAll('"', '""')}"`).rows,
      bytes: 0,
    }));
    return {
      engine: `SQLite ${one<{ version: string }>('SELECT sqlite_version() AS version').version}`,
      place: path,
      // Programs of another version are refused, or bring it up to date.
      schema: { version, needed: LATEST_VERSION, compatibleWith: version },
      sizeBytes: statSync(path).size,
      tables: tables.toSorted((a, b) => b.rows - a.rows || a.name.localeCompare(b.name)),
    };
  } finally {
    db.close();
  }
}
