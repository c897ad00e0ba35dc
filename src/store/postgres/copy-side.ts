import { LwiError } from '../../errors.ts';
import { COPIED_TABLES, COPY_NOTE, type CopiedTable } from '../copy/copied-tables.ts';
import {
  type CopyLook,
  type CopySide,
  type CopyTarget,
  type CopyWay,
  type OnWait,
  parseNote,
} from '../copy/copy-side.ts';
import { SCHEMA } from './connection-url.ts';
import { copyRows } from './copy-rows.ts';
import { assertUnused, before, opened, type Session, type Way, wayTo } from './copy-session.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { existing, made } from './open.ts';
import { assertNotTooNew, openedSchema } from './schema-version.ts';
import type { Surroundings } from './surroundings.ts';

/** The database at `url`, which `source` names in errors, as a side of a copy. Throws USAGE and CONFIG_INVALID. */
export function postgresSide(url: string, source: string, around: CopyAround): CopyWay {
  const way = wayTo(url, source, around);
  if (way.warning) around.warn(way.warning);
  return {
    lookAtSource: () => lookAtSource(way),
    lookAtTarget: () => lookAtTarget(way),
    source: () => openSource(way, around.waiting),
    target: () => openTarget(way, around.waiting),
  };
}

/** What there is around a copy, see `CopySurroundings`. */
interface CopyAround extends Surroundings {
  warn(text: string): void;
  waiting(place: string): void;
}

/** Throws USAGE where there is no store, and what opening a store throws. */
async function lookAtSource(way: Way): Promise<CopyLook> {
  return before(way, async (db) => {
    if (await existing(db)) return lookOf(db);
    throw new LwiError('USAGE', `${way.place} has no store of lwi: there is nothing to copy.`, {
      hint: 'Name the database that has it, or a file.',
    });
  });
}

/** The schema is not made yet. Throws STORE_TOO_NEW, and what reaching a database throws. */
async function lookAtTarget(way: Way): Promise<CopyLook> {
  return before(way, async (db) => {
    const schema = await openedSchema(db, db.place);
    if (schema) assertNotTooNew(schema, db.place);
    return lookOf(db);
  });
}

/** The same by whatever role and address it is reached (https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA). */
const LOCATION = `
SELECT 'postgres ' || system_identifier || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS location
FROM pg_control_system()`;

async function lookOf(db: PostgresDatabase): Promise<CopyLook> {
  return { place: db.place, location: await locationOf(db) };
}

async function locationOf(queries: Queries): Promise<string> {
  const row = await queries.row<{ location: string }>(LOCATION);
  if (!row) throw new Error('the server says nothing of itself');
  return row.location;
}

/**
 * The store in the database at `url`, of one moment; until it is closed its tables are read by anybody and written by nobody
 * (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES). Throws STORE_LOCKED while others use it.
 */
async function openSource(way: Way, onWait: OnWait): Promise<CopySide> {
  return opened(way, async (side) => {
    const { queries } = side;
    // Before its tables are locked, which other lwi would keep it from for longer.
    await assertUnused(side, onWait);
    await queries.script('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await queries.script(`LOCK TABLE ${COPIED_TABLES.map(({ name }) => name).join(', ')} IN SHARE MODE`);
    const reading = await sideOn(side);
    await assertUnused(side, onWait);
    return reading;
  });
}

/**
 * The database to copy into; its schema is made if there is none. Throws STORE_LOCKED while others use it or another copy writes into it, and what opening a
 * store throws.
 */
async function openTarget(way: Way, onWait: OnWait): Promise<CopyTarget> {
  await before(way, async (db) => (await existing(db, { unfinishedToo: true })) || made(db));
  return opened(way, async (side) => {
    const { db, queries } = side;
    const lock = await queries.row<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [COPY_LOCK]);
    if (!lock?.got) throw new LwiError('STORE_LOCKED', `${db.place}: another copy writes into it.`);
    await assertUnused(side, onWait);
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
      begin: async (note, assertFit) => {
        await queries.run(PUT_NOTE, [COPY_NOTE, JSON.stringify(note)]);
        try {
          // Whoever has opened it before the note was there.
          await assertUnused(side, onWait);
          await assertFit();
        } catch (error) {
          await queries.run(REMOVE_NOTE, [COPY_NOTE]);
          throw error;
        }
      },
      change: (table, change) => whole(() => rows.change(table, change)),
      finish: async (numbers) => {
        // Whoever has it open for long is not seen while he has no connection, and does not read the note when he makes one.
        await assertUnused(side, onWait);
        await whole(async () => {
          for (const [table, last] of numbers) await queries.rows(GO_ON_BEHIND, [...numbersOf(table), last]);
          await queries.run(REMOVE_NOTE, [COPY_NOTE]);
        });
      },
    };
  });
}

/** Any number that nobody else uses. */
const COPY_LOCK = 0x6c776901;

const PUT_NOTE = 'INSERT INTO meta (name, value) VALUES ($1, $2)';
const REMOVE_NOTE = 'DELETE FROM meta WHERE name = $1';

const numbersOf = ({ name, numbered = '' }: CopiedTable) => [`${SCHEMA}.${name}`, numbered];

const LAST = 'SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) AS last';

/** A sequence that has given out nothing has no last number. */
const GO_ON_BEHIND = `
SELECT setval(s, greatest($3::bigint, pg_sequence_last_value(s))) FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS s) AS each
WHERE $3::bigint > 0`;

const IDENTITY = `
SELECT (SELECT value FROM meta WHERE name = 'vault_id') AS "vaultId", (SELECT value FROM meta WHERE name = $1) AS note`;

async function sideOn({ db, queries, close }: Session): Promise<CopySide> {
  const rows = copyRows(queries);
  const found = await queries.row<{ vaultId: string; note: string | null }>(IDENTITY, [COPY_NOTE]);
  if (!found?.vaultId) throw new LwiError('STORE_DAMAGED', `${db.place}: the database has lost its identity`);
  return {
    place: db.place,
    identity: { vaultId: found.vaultId, location: await locationOf(queries) },
    note: found.note === null ? undefined : parseNote(found.note),
    count: rows.count,
    page: rows.page,
    find: rows.find,
    lastNumber: async (table) => (await queries.row<{ last: number | null }>(LAST, numbersOf(table)))?.last ?? 0,
    close,
  };
}

const MAY_NUMBER = `
SELECT bool_and(has_sequence_privilege(pg_get_serial_sequence(table_name, column_name), 'UPDATE')) AS may
FROM unnest($1::text[], $2::text[]) AS each (table_name, column_name)`;

async function assertMayNumber({ db, queries }: Session): Promise<void> {
  const numbered = COPIED_TABLES.filter((table) => table.numbered).map(numbersOf);
  const lists = [0, 1].map((place) => numbered.map((pair) => pair[place] ?? ''));
  if ((await queries.row<{ may: boolean }>(MAY_NUMBER, lists))?.may) return;
  throw new LwiError('STORE_READONLY', `${db.place}: this role may not let numbers go on behind those of a copy.`, {
    hint: 'As the role that owns the schema, run `lwi store migrate --grant-to <role>`.',
  });
}
