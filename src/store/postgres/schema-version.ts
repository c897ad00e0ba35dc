import { LwiError } from '../../errors.ts';
import { COPY_NOTE } from '../copy/copied-tables.ts';
import { SCHEMA, SEARCH_PATH } from './connection-url.ts';
import type { Queries } from './database.ts';
import { LATEST_VERSION, MIGRATIONS } from './migrations.ts';
import { schemaTables } from './schema-tables.ts';

/** What a database says of its schema. */
export interface SchemaVersion {
  readonly version: number;
  /** The oldest version whose programs may use it. */
  readonly compatibleWith: number;
  /** What a copy into the database has left that is not complete; absent: it is whole. See `CopyNote`. */
  readonly copyNote?: string;
}

/** The oldest server that lwi uses, as `server_version_num` has it. */
const OLDEST_SERVER = 150_000;

const OPENED = `
SELECT max(version) AS version, max(compatible_with) AS "compatibleWith", current_setting('search_path') AS path,
  (SELECT value FROM ${SCHEMA}.meta WHERE name = '${COPY_NOTE}') AS note
FROM ${SCHEMA}.schema_version`;

/**
 * The schema of the database `place`; undefined when there is none. One round trip where there is one. Throws STORE_REFUSED where the settings of the session did not
 * arrive, because a pooler is in between, and STORE_DAMAGED where only some of the tables are there.
 */
export async function openedSchema(db: Queries, place: string): Promise<SchemaVersion | undefined> {
  let row: (SchemaVersion & { readonly path: string; readonly note: string | null }) | undefined;
  try {
    row = await db.row<NonNullable<typeof row>>(OPENED);
  } catch (error) {
    if (!isUndefinedTable(error)) throw error;
    await assertNoTables(db, place);
    return undefined;
  }
  if (!row?.version) throw halfMade(place, 'it has its tables, and no version');
  if (row.path.replaceAll(' ', '') !== SEARCH_PATH) {
    throw new LwiError('STORE_REFUSED', 'What answers has dropped the settings of the session.', {
      hint: 'Name the server itself in LWI_DATABASE_URL, not a pooler such as PgBouncer: lwi needs sessions of its own.',
    });
  }
  const { version, compatibleWith, note } = row;
  return { version, compatibleWith, ...(note === null ? {} : { copyNote: note }) };
}

/** undefined_table (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
function isUndefinedTable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42P01';
}

/** The same inside a transaction, which an error would end; and every table of the version is looked for. */
export async function readSchemaVersion(tx: Queries, place: string): Promise<SchemaVersion | undefined> {
  const there = await tablesThere(tx);
  if (!OPENED_TABLES.every((name) => there.has(name))) {
    assertNone(there, place);
    return undefined;
  }
  const schema = await openedSchema(tx, place);
  const { version = 0 } = schema ?? {};
  const missing = version > LATEST_VERSION ? [] : schemaTables(version).filter((name) => !there.has(name));
  if (missing.length > 0) throw halfMade(place, `it says that it is ${version}, and has no ${missing.join(', ')}`);
  return schema;
}

/** Those that `OPENED` reads. */
const OPENED_TABLES = ['schema_version', 'meta'];

async function tablesThere(db: Queries): Promise<ReadonlySet<string>> {
  const sql = 'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1';
  return new Set((await db.rows<{ name: string }>(sql, [SCHEMA])).map(({ name }) => name));
}

async function assertNoTables(db: Queries, place: string): Promise<void> {
  assertNone(await tablesThere(db), place);
}

function assertNone(there: ReadonlySet<string>, place: string): void {
  const [present, missing] = [true, false].map((is) => schemaTables().filter((name) => there.has(name) === is));
  if (present?.length) throw halfMade(place, `it has ${present.join(', ')}, and no ${missing?.join(', ')}`);
}

function halfMade(place: string, what: string): LwiError {
  return new LwiError('STORE_DAMAGED', `${place}: the schema ${SCHEMA} is not whole: ${what}`, {
    hint: `Restore it from a backup. Where it never held anything, \`DROP SCHEMA ${SCHEMA} CASCADE\` in psql and \`lwi store migrate\` make it anew.`,
  });
}

/** Refuses a schema whose tables mean something else to this program. Throws STORE_TOO_NEW. */
export function assertNotTooNew({ version, compatibleWith }: SchemaVersion, place: string): void {
  if (compatibleWith <= LATEST_VERSION) return;
  throw new LwiError(
    'STORE_TOO_NEW',
    `${place}: has schema ${version}, which programs for schema ${compatibleWith} and later may use; this lwi is for ${LATEST_VERSION}`,
  );
}

/** Whether the schema lacks something that this program uses. */
export const isOutdated = ({ version }: SchemaVersion) => version < LATEST_VERSION;

/**
 * Whether the programs that use the schema now may go on beside this one after it was brought up to date: then any command may do it, and nobody has to be
 * stopped before.
 */
export function keepsOthersGoing({ version }: SchemaVersion): boolean {
  return MIGRATIONS.slice(version).every(({ compatibleWith }) => compatibleWith <= version);
}

/** Refuses a server that lacks what the schema uses. Throws STORE_REFUSED. */
export async function assertServer(db: Queries, place: string): Promise<void> {
  const sql = "SELECT current_setting('server_version') AS name, current_setting('server_version_num')::int AS number";
  const server = await db.row<{ name: string; number: number }>(sql);
  if (!server || server.number >= OLDEST_SERVER) return;
  const hint = `Upgrade the server to PostgreSQL ${OLDEST_SERVER / 10_000} or later.`;
  throw new LwiError('STORE_REFUSED', `${place}: is PostgreSQL ${server.name}, which is too old for lwi.`, { hint });
}
