import { LwiError } from '../../errors.ts';
import { COPIED_TABLES, COPY_NOTE, type CopiedTable } from '../copy/copied-tables.ts';
import { type CopySide, type CopyTarget, parseNote } from '../copy/copy-side.ts';
import { SCHEMA } from './connection-url.ts';
import { copyRows } from './copy-rows.ts';
import { assertUnused, before, opened, type Session, type Way } from './copy-session.ts';
import { existing, made } from './open.ts';

/**
 * The store in the database at `url`, of one moment; until it is closed its tables are read by anybody and written by nobody
 * (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES). Throws USAGE where there is no store, STORE_LOCKED while others use it, and what opening a store throws.
 */
export async function openPostgresSource(way: Way): Promise<CopySide> {
  const there = await before(way, existing);
  if (!there) {
    throw new LwiError('USAGE', `${way.place} has no store of lwi: there is nothing to copy.`, {
      hint: 'Name the database that has it, or a file.',
    });
  }
  return opened(way, async (side) => {
    const { queries } = side;
    await queries.script('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await queries.script(`LOCK TABLE ${COPIED_TABLES.map(({ name }) => name).join(', ')} IN SHARE MODE`);
    const reading = await sideOn(side);
    await assertUnused(side);
    return reading;
  });
}

/**
 * The database to copy into; its schema is made if there is none. Throws STORE_LOCKED while others use it or another copy writes into it, and what opening a
 * store throws.
 */
export async function openPostgresTarget(way: Way): Promise<CopyTarget> {
  await before(way, async (db) => (await existing(db, { unfinishedToo: true })) || made(db));
  return opened(way, async (side) => {
    const { db, queries } = side;
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
      begin: async (note, assertFit) => {
        await queries.run(PUT_NOTE, [COPY_NOTE, JSON.stringify(note)]);
        try {
          // Whoever has opened it before the note was there.
          await assertUnused(side);
          await assertFit();
        } catch (error) {
          await queries.run(REMOVE_NOTE, [COPY_NOTE]);
          throw error;
        }
      },
      change: (table, change) => whole(() => rows.change(table, change)),
      finish: async (numbers) => {
        // Whoever has it open for long is not seen while he has no connection, and does not read the note when he makes one.
        await assertUnused(side);
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
