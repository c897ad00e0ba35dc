import { connectionSettings, SCHEMA, SEARCH_PATH } from './connection-url.ts';
import { PostgresDatabase, type Queries } from './database.ts';
import { grants, JOBS_SCHEMA, VIEWS_SCHEMA, workingRoles } from './grants.ts';
import { MIGRATIONS } from './migrations.ts';
import { assertNotTooNew, assertServer, readSchemaVersion } from './schema-version.ts';
import type { Surroundings } from './surroundings.ts';

/** What was done, or would be. */
export interface Migrated {
  /** The version that was there before; 0: none. */
  readonly from: number;
  readonly to: number;
  /** Roles that may work with the tables. */
  readonly grantedTo: readonly string[];
  /** The statements, in order, as one transaction for psql; empty: there is nothing to do. */
  readonly sql: string;
}

export interface MigrateOptions {
  /** Roles that are to work with the tables from now on. */
  readonly grantTo?: readonly string[];
  /** Nothing is changed. */
  readonly dryRun?: boolean;
}

/** Any number that nobody else uses: whoever changes the schema waits for the others. */
const MIGRATION_LOCK = 0x6c776900;

/** Another program may change a large table meanwhile; whoever waits for a lock on a table holds everybody up behind it. */
const PATIENCE = `
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '120s';
SELECT pg_advisory_xact_lock(${MIGRATION_LOCK});
SET LOCAL lock_timeout = '5s';`;

/**
 * Brings the schema up to date, or makes it, in one transaction; several may do so at once. Roles that work with the tables may use the new ones too. Throws
 * STORE_TOO_NEW, STORE_REFUSED for an old server, STORE_READONLY for a role that may not, USAGE for a role that is not there.
 */
export async function migrate(db: PostgresDatabase, options: MigrateOptions = {}): Promise<Migrated> {
  const { place, settings } = db;
  // Without a limit for statements: large tables take their time.
  const own = new PostgresDatabase({ ...settings, driver: { ...settings.driver, max: 1, query_timeout: 0 } });
  try {
    return await own.write(async (tx) => {
      await tx.script(PATIENCE);
      await assertServer(tx, place);
      return change(tx, place, options);
    });
  } finally {
    await own.close();
  }
}

async function change(tx: Queries, place: string, { grantTo = [], dryRun = false }: MigrateOptions): Promise<Migrated> {
  const there = await readSchemaVersion(tx, place);
  if (there) assertNotTooNew(there, place);
  const from = there?.version ?? 0;
  const roles = await workingRoles(tx, grantTo);
  const { jobChanges } = await import('./job-schema.ts');
  const statements = [
    ...(await missingSchemas(tx)).map((name) => `CREATE SCHEMA ${name};\n`),
    ...(from === 0 ? [VERSIONS] : []),
    ...MIGRATIONS.flatMap(({ sql, compatibleWith }, index) =>
      index < from ? [] : [sql, noted(index + 1, compatibleWith)],
    ),
    await jobChanges(tx),
    ...roles.map(grants),
  ].filter((sql) => sql !== '');
  for (const sql of dryRun ? [] : statements) await tx.script(sql);
  return { from, to: Math.max(from, MIGRATIONS.length), grantedTo: roles, sql: asScript(statements) };
}

/** The statements as any client may run them, with what the command has set for its session, and all of them or none. */
function asScript(statements: readonly string[]): string {
  if (statements.length === 0) return '';
  const settings = `SET LOCAL client_min_messages = 'warning';\nSET LOCAL search_path = ${SEARCH_PATH};`;
  return `BEGIN;${PATIENCE}\n${settings}\n${statements.join('')}COMMIT;\n`;
}

/** The same for the database at `url`, which `source` names in errors. Throws USAGE, STORE_AWAY and STORE_REFUSED too. */
export async function migrateAt(
  url: string,
  source: string,
  {
    around,
    warn,
    ...options
  }: MigrateOptions & { readonly around: Surroundings; readonly warn: (text: string) => void },
): Promise<Migrated & { readonly place: string }> {
  const settings = connectionSettings(url, source, around);
  if (settings.warning) warn(settings.warning);
  const db = new PostgresDatabase(settings);
  try {
    return { place: db.place, ...(await migrate(db, options)) };
  } finally {
    await db.close();
  }
}

/** Asked before: `IF NOT EXISTS` is refused to those who may make no schema, also where it is there. */
async function missingSchemas(tx: Queries): Promise<readonly string[]> {
  const sql = 'SELECT name FROM unnest($1::text[]) AS name WHERE to_regnamespace(name) IS NULL';
  const rows = await tx.rows<{ name: string }>(sql, [[SCHEMA, VIEWS_SCHEMA, JOBS_SCHEMA]]);
  return rows.map(({ name }) => name);
}

const VERSIONS = `
CREATE TABLE ${SCHEMA}.schema_version (
  version integer PRIMARY KEY,
  -- The oldest version whose programs may use it.
  compatible_with integer NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
`;

const noted = (version: number, compatibleWith: number) =>
  `INSERT INTO ${SCHEMA}.schema_version (version, compatible_with) VALUES (${version}, ${compatibleWith});\n`;
