import { randomBytes } from 'node:crypto';
import { onTestFinished, type TestContext } from 'vitest';
import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { NO_POSTGRES } from './postgres-server.ts';

/** The databases that are copied for tests, each with a vault id of its own: a test that wants several gets different ones. */
export const TEMPLATES: readonly string[] = ['lwi_template_1', 'lwi_template_2', 'lwi_template_3'];

/** The server of all tests, with an empty name of a database at its end; undefined where PostgreSQL is not installed. */
export const POSTGRES: string | undefined = process.env['LWI_TEST_POSTGRES'];

export interface FreshDatabase {
  /** For LWI_DATABASE_URL. */
  readonly url: string;
}

/** Copies files, which takes a fifth of the time of the usual way through the log (https://www.postgresql.org/docs/current/sql-createdatabase.html). */
export const copyOf = (template: string, name: string) =>
  `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`;

let made = 0;

/** A database of its own, gone after the running test; with lwi's schema, unless it is to be `empty`. */
export async function freshDatabase({ empty = false }: { readonly empty?: boolean } = {}): Promise<FreshDatabase> {
  const name = `lwi_${randomBytes(6).toString('hex')}`;
  const template = TEMPLATES[made++ % TEMPLATES.length] ?? '';
  await asAdmin((db) => db.script(copyOf(empty ? 'template0' : template, name)));
  onTestFinished(() => asAdmin((db) => db.script(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
  return { url: `${POSTGRES}${name}` };
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

let admin: PostgresDatabase | undefined;

/** On a connection that stays open, as making one takes longer than making a database. */
async function asAdmin(work: (db: PostgresDatabase) => Promise<void>): Promise<void> {
  admin ??= new PostgresDatabase(connectionSettings(`${POSTGRES}postgres`, 'test'));
  await work(admin);
}

/** A hook before tests that need a server: they are skipped aloud where there is none. */
export function needsPostgres({ skip }: Pick<TestContext, 'skip'>): void {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
}
