import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { LwiError } from '../../../src/errors.ts';
import { copyStore } from '../../../src/store/copy/copy-store.ts';
import { openSides } from '../../../src/store/copy/open-sides.ts';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { migrate } from '../../../src/store/postgres/migrate.ts';
import { LATEST_VERSION } from '../../../src/store/postgres/migrations.ts';
import { existingPostgresStore, openPostgresStore } from '../../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../../support/postgres.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const now = () => 0;

describe('roles and versions', () => {
  beforeEach(needsPostgres);

  /** A role without rights, and the URL by which it connects. */
  async function role(url: string): Promise<{ name: string; url: string }> {
    // A name that has to be quoted.
    const name = `Odd "role" ${randomBytes(4).toString('hex')}`;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await onDatabase(url, (db) => db.script(`CREATE ROLE ${quoted} LOGIN`));
    onTestFinished(() => onDatabase(url, (db) => db.script(`DROP OWNED BY ${quoted} CASCADE; DROP ROLE ${quoted}`)));
    return { name, url: url.replace('postgres@', `${encodeURIComponent(name)}@`) };
  }

  const codeOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.then(
      () => undefined,
      (failed: unknown) => failed,
    );
    if (error instanceof LwiError) return error.code;
    return error instanceof Error && 'code' in error ? String(error.code) : 'done';
  };

  test('a role that only reads is told so before it is given anything to store', async () => {
    const { url } = await freshDatabase();
    const reader = await role(url);
    await onDatabase(url, (db) =>
      db.script(
        `GRANT USAGE ON SCHEMA lwi, lwi_jobs TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA lwi TO "${reader.name.replaceAll('"', '""')}"`,
      ),
    );
    const store = await openPostgresStore(reader.url, 'test', { now });
    onTestFinished(() => store.close());
    expect(await codeOf(store.acceptEvents([]))).toBe('STORE_READONLY');
  });

  test('a role that is let in works, and can do nothing else', async () => {
    const { url } = await freshDatabase();
    const worker = await role(url);
    expect(await codeOf(openPostgresStore(worker.url, 'test', { now }))).toBe('STORE_READONLY');
    await onDatabase(url, (db) => db.script('CREATE TABLE public.others (secret text)'));
    const granted = await onDatabase(url, (db) => migrate(db, { grantTo: [worker.name] }));
    expect(granted).toMatchObject({ from: LATEST_VERSION, to: LATEST_VERSION, grantedTo: [worker.name] });
    const store = await openPostgresStore(worker.url, 'test', { now });
    onTestFinished(() => store.close());
    expect(await store.vaultId()).toMatch(/^[0-9a-f]{32}$/);
    await onDatabase(worker.url, async (db) => {
      const tables = await db.rows<{ name: string }>(
        "SELECT relname AS name FROM pg_stat_user_tables WHERE schemaname = 'lwi'",
      );
      for (const { name } of tables.filter((each) => each.name !== 'schema_version')) {
        expect([name, await codeOf(db.script(`BEGIN; DELETE FROM ${name}; ROLLBACK`))]).toEqual([name, 'done']);
      }
      expect(await codeOf(db.script('CREATE VIEW lwi_views.mine AS SELECT name FROM meta'))).toBe('done');
      for (const refused of [
        ...[
          'CREATE TABLE lwi.mine (x int)',
          'CREATE TABLE public.mine (x int)',
          'CREATE SCHEMA mine',
          'DROP TABLE lwi.meta',
        ],
        ...[
          'TRUNCATE meta',
          'ALTER TABLE meta ADD x int',
          'CREATE INDEX ON meta (value)',
          'CREATE FUNCTION lwi.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
        ],
        ...[
          'SELECT * FROM pg_authid',
          'SELECT * FROM public.others',
          'INSERT INTO schema_version VALUES (99, 99)',
          'DELETE FROM schema_version',
        ],
        ...["COPY meta TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')", 'CREATE EXTENSION dblink'],
      ]) {
        expect([refused, await codeOf(db.script(refused))]).toEqual([refused, 'STORE_READONLY']);
      }
      // A temporary table of the same name is not taken for lwi's.
      await db.script('CREATE TEMP TABLE meta (name text, value text)');
      expect(await db.row("SELECT count(*)::int AS rows FROM meta WHERE name = 'vault_id'")).toEqual({ rows: 1 });
    });
  });

  test('a role that is let in may copy a store into the database, and numbers go on behind those of the copy', async () => {
    const { url } = await freshDatabase();
    const worker = await role(url);
    await onDatabase(url, (db) => migrate(db, { grantTo: [worker.name] }));
    const file = join(temporaryDirectory(), 'source.db');
    const target = { account: 'acme', provider: 'quickbooks', externalId: '9130' };
    const start = { kind: 'sync', owner: '1@here', startedAt: 0 } as const;
    const source = openSqliteStore(file, { now });
    const last = await source.startRun(target, start).then(() => source.startRun(target, start));
    await source.close();
    const around = { environment: {}, homedir: () => '', warn: () => {}, waiting: () => {} };
    const sides = await openSides({ text: file, source: '--from' }, { text: worker.url, source: '--to' }, around);
    await copyStore(sides, { now, signal: new AbortController().signal, observe: () => {} });
    await Promise.all([sides.target.close(), sides.source.close()]);
    const store = await openPostgresStore(worker.url, 'test', { now });
    onTestFinished(() => store.close());
    expect(await store.startRun(target, start)).toBeGreaterThan(last);
  });

  test('those who look make nothing; several who make it at once make it once', async () => {
    const { url } = await freshDatabase({ empty: true });
    expect(await existingPostgresStore(url, 'test', { now })).toBeUndefined();
    const schemas = "SELECT count(*)::int AS found FROM pg_namespace WHERE nspname LIKE 'lwi%'";
    expect(await onDatabase(url, (db) => db.row(schemas))).toEqual({ found: 0 });
    const worker = await role(url);
    expect(await codeOf(openPostgresStore(worker.url, 'test', { now }))).toBe('STORE_OUTDATED');
    const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(url, 'test', { now })));
    expect(new Set(await Promise.all(stores.map((store) => store.vaultId()))).size).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
    const again = await existingPostgresStore(url, 'test', { now });
    await again?.close();
    expect(again).toBeDefined();
  });

  test('a schema that is newer is used as long as it says so, and an older one is not', async () => {
    const { url } = await freshDatabase();
    const is = (version: number, compatibleWith: number) =>
      onDatabase(url, (db) => db.script(`INSERT INTO schema_version VALUES (${version}, ${compatibleWith})`));
    const opened = async () => codeOf(openPostgresStore(url, 'test', { now }).then((store) => store.close()));
    await is(LATEST_VERSION + 1, LATEST_VERSION);
    expect(await opened()).toBe('done');
    expect(await onDatabase(url, (db) => codeOf(migrate(db)))).toBe('done');
    await is(LATEST_VERSION + 2, LATEST_VERSION + 1);
    expect(await opened()).toBe('STORE_TOO_NEW');
    expect(await onDatabase(url, (db) => codeOf(migrate(db)))).toBe('STORE_TOO_NEW');
    // What a later version allows again does not open what an earlier one has closed.
    await is(LATEST_VERSION + 3, LATEST_VERSION);
    expect(await opened()).toBe('STORE_TOO_NEW');
  });

  test('what stands in between and drops the settings of sessions is refused', async () => {
    const { url } = await freshDatabase();
    const { driver, ...settings } = connectionSettings(url, 'test');
    const { openedSchema } = await import('../../../src/store/postgres/schema-version.ts');
    const db = new PostgresDatabase({ ...settings, driver: { ...driver, options: '' } });
    onTestFinished(() => db.close());
    expect(await codeOf(openedSchema(db, db.place))).toBe('STORE_REFUSED');
  });
});
