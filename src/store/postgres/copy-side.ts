import { systemClock } from '../../clock.ts';
import { LwiError } from '../../errors.ts';
import { COPIED_TABLES, COPY_NOTE, type CopiedTable } from '../copy/copied-tables.ts';
import { type CopySide, type CopyTarget, parseNote } from '../copy/copy-side.ts';
import { unfinished } from '../copy/unfinished.ts';
import { connectionSettings, SCHEMA } from './connection-url.ts';
import { copyRows } from './copy-rows.ts';
import { PostgresDatabase, type Queries } from './database.ts';
import { migrate } from './migrate.ts';
import { LATEST_VERSION } from './migrations.ts';
import { assertNotTooNew, readSchemaVersion } from './schema-version.ts';

/** Whatever is open is left to the server when its connection is gone. A copy may wait for the other side, but not for ever. */
const SESSION = `
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = '10min'`;

/**
 * The store in the database at `url`, of one moment; until it is closed its tables are read by anybody and written by nobody
 * (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES). Throws USAGE where there is no store, STORE_LOCKED while others use it, and what opening a store throws.
 */
export async function openPostgresSource(url: string, source: string): Promise<CopySide> {
  return opened(url, source, async (side) => {
    const { db, queries } = side;
    const version = await readSchemaVersion(queries);
    if (!version) {
      throw new LwiError('USAGE', `${db.place} has no store of lwi: there is nothing to copy.`, {
        hint: 'Name the database that `lwi store status` shows, or a file.',
      });
    }
    assertNotTooNew(version, db.place);
    await queries.script('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await queries.script(`LOCK TABLE ${COPIED_TABLES.map(({ name }) => name).join(', ')} IN SHARE MODE`);
    const reading = await sideOn(side);
    await assertUnused(side);
    if (reading.note) throw unfinished(db.place, JSON.stringify(reading.note));
    return reading;
  });
}

/**
 * The database to copy into; its schema is made if there is none. Throws STORE_LOCKED while others use it or another copy writes into it, and what opening a
 * store throws.
 */
export async function openPostgresTarget(url: string, source: string): Promise<CopyTarget> {
  return opened(url, source, async (side) => {
    const { db, queries } = side;
    let version = await readSchemaVersion(queries);
    if (version === undefined || version.version < LATEST_VERSION) {
      const own = new PostgresDatabase(db.settings);
      await migrate(own).finally(() => own.close());
      version = await readSchemaVersion(queries);
    }
    if (version) assertNotTooNew(version, db.place);
    const lock = await queries.row<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [COPY_LOCK]);
    if (!lock?.got) throw new LwiError('STORE_LOCKED', `${db.place}: another copy writes into it.`);
    await assertUnused(side);
    await assertMayNumber(side);
    const rows = copyRows(queries);
    const whole = async (work: () => Promise<void>) => {
      await queries.script('BEGIN');
      try {
        await work();
        await queries.script('COMMIT');
      } catch (error) {
        await queries.script('ROLLBACK').catch(() => {});
        throw error;
      }
    };
    return {
      ...(await sideOn(side)),
      begin: async (note) => void (await queries.run(PUT_NOTE, [COPY_NOTE, JSON.stringify(note)])),
      change: (table, change) => whole(() => rows.change(table, change)),
      finish: (numbers) =>
        whole(async () => {
          for (const [table, last] of numbers) await queries.rows(GO_ON_BEHIND, [...numbersOf(table), last]);
          await queries.run('DELETE FROM meta WHERE name = $1', [COPY_NOTE]);
        }),
    };
  });
}

/** Any number that nobody else uses. */
const COPY_LOCK = 0x6c776901;

const PUT_NOTE = 'INSERT INTO meta (name, value) VALUES ($1, $2)';

const numbersOf = ({ name, numbered = '' }: CopiedTable) => [`${SCHEMA}.${name}`, numbered];

const LAST = 'SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) AS last';

/** A sequence that has given out nothing has no last number. */
const GO_ON_BEHIND = `
SELECT setval(s, greatest($3::bigint, pg_sequence_last_value(s))) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS s) AS each
WHERE $3::bigint > 0`;

interface Session {
  readonly db: PostgresDatabase;
  readonly queries: Queries;
  close(): Promise<void>;
}

async function opened<T>(url: string, source: string, work: (session: Session) => Promise<T>): Promise<T> {
  const settings = connectionSettings(url, source);
  // A table of many rows is counted for longer than the other statements of lwi take.
  const db = new PostgresDatabase({ ...settings, driver: { ...settings.driver, statement_timeout: 0 } });
  const client = await db.session();
  const close = async () => {
    await client.end().catch(() => {});
    await db.close();
  };
  try {
    const queries = db.on(client);
    await queries.script(SESSION);
    return await work({ db, queries, close });
  } catch (error) {
    await close();
    throw error;
  }
}

const IDENTITY = `
SELECT (SELECT value FROM meta WHERE name = 'vault_id') AS "vaultId", (SELECT value FROM meta WHERE name = $1) AS note,
  pg_postmaster_start_time()::text || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS location`;

async function sideOn({ db, queries, close }: Session): Promise<CopySide> {
  const rows = copyRows(queries);
  const found = await queries.row<{ vaultId: string; note: string | null; location: string }>(IDENTITY, [COPY_NOTE]);
  if (!found?.vaultId) throw new LwiError('STORE_DAMAGED', `${db.place}: the database has lost its identity`);
  return {
    place: db.place,
    identity: { vaultId: found.vaultId, location: `postgres ${found.location}` },
    note: found.note === null ? undefined : parseNote(found.note),
    count: rows.count,
    page: rows.page,
    find: rows.find,
    lastNumber: async (table) => (await queries.row<{ last: number | null }>(LAST, numbersOf(table)))?.last ?? 0,
    close,
  };
}

const OTHERS = `
SELECT count(*) AS others FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = current_setting('application_name')`;

/** How long those have whose connections are closing just now, ms. */
const PATIENCE_MS = 2000;
const LOOK_MS = 100;

/** Others would write to the source afterwards, or to a target that they take for theirs. */
async function assertUnused({ db, queries }: Session): Promise<void> {
  let others = 0;
  for (let waited = 0; waited <= PATIENCE_MS; waited += LOOK_MS) {
    // Without it a transaction would see what it saw at first (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-VIEWS).
    await queries.row('SELECT pg_stat_clear_snapshot()');
    others = (await queries.row<{ others: number }>(OTHERS))?.others ?? 0;
    if (others === 0) return;
    await systemClock.sleep(LOOK_MS);
  }
  const sessions = others === 1 ? 'another session of lwi uses' : `${others} other sessions of lwi use`;
  throw new LwiError('STORE_LOCKED', `${db.place}: ${sessions} the database`, {
    hint: 'Stop every `lwi` that uses it, on all machines (serve, listen, sync --watch), then run the command again.',
  });
}

const MAY_NUMBER = `
SELECT bool_and(has_sequence_privilege(pg_get_serial_sequence(table_name, column_name), 'UPDATE')) AS may
FROM unnest($1::text[], $2::text[]) AS each (table_name, column_name)`;

async function assertMayNumber({ db, queries }: Session): Promise<void> {
  const numbered = COPIED_TABLES.filter((table) => table.numbered).map(numbersOf);
  const lists = [0, 1].map((place) => numbered.map((pair) => pair[place] ?? ''));
  if ((await queries.row<{ may: boolean }>(MAY_NUMBER, lists))?.may) return;
  throw new LwiError('STORE_READONLY', `${db.place}: this role may not let numbers go on behind those of a copy.`, {
    hint: 'Copy as the role that owns the schema.',
  });
}
