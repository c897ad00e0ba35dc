import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';

/** The database that is copied for each test. */
export const TEMPLATE = 'lwi_template';

/** The server of all tests, with an empty name of a database at its end; undefined where PostgreSQL is not installed. */
export const POSTGRES: string | undefined = process.env['LWI_TEST_POSTGRES'];

export interface FreshDatabase {
  /** For LWI_DATABASE_URL. */
  readonly url: string;
}

/** A database of its own, gone after the running test; with lwi's schema, unless it is to be `empty`. */
export async function freshDatabase({ empty = false }: { readonly empty?: boolean } = {}): Promise<FreshDatabase> {
  const name = `lwi_${randomBytes(6).toString('hex')}`;
  await asAdmin((db) => db.script(`CREATE DATABASE ${name}${empty ? '' : ` TEMPLATE ${TEMPLATE}`}`));
  onTestFinished(() => asAdmin((db) => db.script(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
  const url = `${POSTGRES}${name}`;
  if (!empty) {
    await onDatabase(url, async (db) => {
      await db.run("UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'vault_id'");
    });
  }
  return { url };
}

/** Looks into a database, or changes it behind lwi's back. */
export async function onDatabase<T>(url: string, work: (db: PostgresDatabase) => Promise<T>): Promise<T> {
  const db = new PostgresDatabase(connectionSettings(url, 'test'));
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const asAdmin = <T>(work: (db: PostgresDatabase) => Promise<T>) => onDatabase(`${POSTGRES}postgres`, work);
