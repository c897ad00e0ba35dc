import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COPIED_TABLES } from '../../../src/store/copy/copied-tables.ts';
import { copyStore, type StoreCopy } from '../../../src/store/copy/copy-store.ts';
import { openSides } from '../../../src/store/copy/open-sides.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES } from '../../support/postgres-server.ts';
import { NOW } from '../sample-rows.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { contentOf, oddStore } from './odd-store.ts';

const AROUND = { environment: {}, homedir: () => '', warn: () => {}, waiting: () => {} };

type Observe = Parameters<typeof copyStore>[1]['observe'];

/** Copies as the command does; `observe` may stop it by throwing. */
async function copy(from: string, to: string, observe: Observe = () => {}): Promise<StoreCopy> {
  const sides = await openSides({ text: from, source: '--from' }, { text: to, source: '--to' }, AROUND);
  try {
    return await copyStore(sides, { now: () => NOW, signal: new AbortController().signal, observe });
  } finally {
    await sides.target.close();
    await sides.source.close();
  }
}

let original = '';
beforeAll(async () => {
  original = join(mkdtempSync(join(tmpdir(), 'lwi-test-')), 'original.db');
  await oddStore(original);
});
afterAll(() => rmSync(dirname(original), { recursive: true, force: true }));

const sqliteTarget = async (folder: string) => join(folder, 'private', 'target.db');
const postgresTarget = async () => (await freshDatabase({ empty: true })).url;

describe.each([
  ['a file', sqliteTarget],
  ['PostgreSQL', postgresTarget],
])('a copy into %s', (kind, makeTarget) => {
  if (kind === 'PostgreSQL' && POSTGRES === undefined) {
    test('and back', ({ skip }) => skip(NO_POSTGRES));
    return;
  }

  test('holds every row as it was, also back in a file; numbers go on behind those given out', async () => {
    const folder = temporaryDirectory();
    const [source, back] = [join(folder, 'source.db'), join(folder, 'back.db')];
    copyFileSync(original, source);
    const target = await makeTarget(folder);
    const { resumed, tables } = await copy(source, target);
    expect(resumed).toBe(false);
    for (const { rows, copied, verified } of tables) expect([copied, verified]).toEqual([rows, rows]);
    await copy(target, back);
    expect(contentOf(back)).toEqual(contentOf(source));
    if (kind !== 'PostgreSQL') expect(statSync(target).mode & 0o777).toBe(0o600);
    const again = await copy(source, target).catch((error: unknown) => error);
    expect(again).toMatchObject({ code: 'USAGE', message: expect.stringMatching(/not empty, of the same store/) });
  }, 60_000);

  test('that was broken off is no store until it has gone on, and follows a source that has changed meanwhile', async () => {
    const folder = temporaryDirectory();
    const [source, back] = [join(folder, 'source.db'), join(folder, 'back.db')];
    copyFileSync(original, source);
    const target = await makeTarget(folder);
    const stop = new Error('stopped');
    const until = (table: string) =>
      copy(source, target, (step) => {
        if (step.table === table) throw stop;
      });
    await expect(until('forwards')).rejects.toBe(stop);
    await expect(copy(target, back)).rejects.toMatchObject({ code: 'STORE_UNFINISHED' });
    rmSync(back, { force: true });
    const database = new Database(source);
    database.pragma('foreign_keys = ON');
    database.exec(`
      DELETE FROM records WHERE id = 'b7';
      UPDATE records SET data = '{"n":"new"}' WHERE id = 'b8';
      DELETE FROM inbox WHERE event = 10;
      UPDATE inbox SET event = 5, key = 'k3' WHERE event = 30;
      DELETE FROM oauth_tokens WHERE provider = 'slack';
      UPDATE meta SET value = '8899aabbccddeeff' WHERE name = 'vault_key_id';
      DELETE FROM meta WHERE name = 'vault_key:8899aabbccddeeff';
      INSERT INTO retired_generations VALUES ('default', 'slack', 3)`);
    database.close();
    await expect(until('inbox')).rejects.toBe(stop);
    const { resumed, tables } = await copy(source, target);
    expect(resumed).toBe(true);
    const records = tables.find(({ name }) => name === 'records');
    expect(records?.copied).toBeLessThan(10);
    await copy(target, back);
    expect(contentOf(back)).toEqual(contentOf(source));
  }, 60_000);

  test('is not told to be whole when a row of it is not what it was; the next run mends it', async () => {
    const folder = temporaryDirectory();
    const source = join(folder, 'source.db');
    copyFileSync(original, source);
    const target = await makeTarget(folder);
    const spoilt = await spoiling(target);
    const failed = await copy(source, target).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'STORE_UNFINISHED',
      message: expect.stringContaining('records haulage-1/quickbooks/913/bills/b1234 is not the same in'),
    });
    expect((failed as Error).message).toMatch(/\(data\)\.$/);
    await spoilt();
    const { resumed, tables } = await copy(source, target);
    expect([resumed, tables.reduce((sum, { copied }) => sum + copied, 0)]).toEqual([true, 1]);
  }, 60_000);

  test('has the source and the target for itself', async () => {
    const folder = temporaryDirectory();
    const source = join(folder, 'source.db');
    const target = await makeTarget(folder);
    copyFileSync(original, source);
    const tried: Record<string, Promise<unknown>> = {};
    const attempt = (name: string, work: () => Promise<unknown>) => {
      tried[name] ??= work().catch((error: unknown) => error);
    };
    await copy(source, target, ({ table }) => {
      if (table === 'secrets') attempt('opening the source', () => openStore(source));
      if (table === 'records') attempt('opening the target', () => openStore(target));
    });
    const locked = { code: 'STORE_LOCKED' };
    expect(await tried['opening the source']).toMatchObject(locked);
    expect(await tried['opening the target']).toMatchObject(kind === 'a file' ? locked : { code: 'STORE_UNFINISHED' });
    const others = await openStore(target);
    await expect(copy(target, join(folder, 'other.db'))).rejects.toMatchObject(locked);
    await others.close();
  }, 60_000);
});

test('a copy into PostgreSQL notices who has come in behind it, before it begins and before it ends; the next run goes on', async ({
  skip,
}) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const source = join(temporaryDirectory(), 'source.db');
  copyFileSync(original, source);
  const target = await postgresTarget();
  const locked = { code: 'STORE_LOCKED' };
  const sides = await openSides({ text: source, source: '--from' }, { text: target, source: '--to' }, AROUND);
  const early = await openStore(target);
  const options = { now: () => NOW, signal: new AbortController().signal, observe: () => {} };
  await expect(copyStore(sides, options)).rejects.toMatchObject(locked);
  await sides.target.close();
  await sides.source.close();
  await early.close();

  // As one that had the store open, and was without a connection until then.
  await onDatabase(target, async (db) => {
    const coming: Promise<unknown>[] = [];
    const ended = copy(source, target, ({ doing }) => {
      if (doing === 'verifying') coming.push(db.row('SELECT 1'));
    });
    await expect(ended).rejects.toMatchObject(locked);
    await Promise.all(coming);
  });
  await expect(openStore(target)).rejects.toMatchObject({ code: 'STORE_UNFINISHED' });
  expect(await copy(source, target)).toMatchObject({ resumed: true });
  await (await openStore(target)).close();
}, 60_000);

/** Opens a store as every command does, without waiting for anybody. */
async function openStore(place: string): Promise<{ close(): Promise<void> }> {
  return place.startsWith('postgres:') ? openPostgresStore(place, 'test', { now: () => NOW }) : openDatabase(place, 0);
}

/** Lets a row be stored otherwise than it was given, until the function that comes is called. */
async function spoiling(place: string): Promise<() => Promise<unknown>> {
  if (!place.startsWith('postgres:')) {
    await openSqliteStore(place, { now: () => NOW }).close();
    const change = async (sql: string) => {
      const database = new Database(place);
      database.exec(sql);
      database.close();
    };
    await change(`CREATE TRIGGER spoil AFTER INSERT ON records WHEN new.id = 'b1234'
      BEGIN UPDATE records SET data = '{"n":-1}' WHERE id = 'b1234'; END`);
    return () => change('DROP TRIGGER spoil');
  }
  await (await openPostgresStore(place, 'test', { now: () => NOW })).close();
  const change = (sql: string) => onDatabase(place, (db) => db.script(sql));
  await change(`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF new.id = 'b1234' THEN new.data := '{"n":-1}'; END IF; RETURN new; END $$;
    CREATE TRIGGER spoil BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION spoil()`);
  return () => change('DROP TRIGGER spoil ON records');
}

test('every column of every table that lasts is described, for both databases', async () => {
  const path = join(temporaryDirectory(), 'source.db');
  copyFileSync(original, path);
  const database = new Database(path, { readonly: true });
  const passing = ['leases', 'rotation_reserves', 'circuits', 'sync_holders', 'sqlite_sequence'];
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
  const columnsOf = (table: string) => database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  const lasting = tables.filter((name) => !passing.includes(name) && !name.startsWith('throttle_'));
  expect(Object.fromEntries(COPIED_TABLES.map(({ name, columns }) => [name, Object.keys(columns).sort()]))).toEqual(
    Object.fromEntries(lasting.map((name) => [name, columnsOf(name).sort()])),
  );
  database.close();
});

test('what PostgreSQL alone has is known', async ({ skip }) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const { url } = await freshDatabase();
  const sql = `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'lwi' ORDER BY 1`;
  const there = await onDatabase(url, (db) => db.rows<{ name: string }>(sql));
  const described = new Set(
    COPIED_TABLES.flatMap(({ name, columns }) => Object.keys(columns).map((column) => `${name}.${column}`)),
  );
  const own = there.map(({ name }) => name).filter((name) => !described.has(name));
  const passing = /^(accounts|circuits|holds|leases|schema_version|throttle_\w+)\./;
  expect(own.filter((name) => !passing.test(name))).toEqual([
    'forwards.generation',
    'forwards.received_at',
    'sync_runs.last_deleted',
    'sync_runs.last_page',
    'sync_runs.last_upserted',
  ]);
});
