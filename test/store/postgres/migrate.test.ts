import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../../src/store/postgres/migrate.ts';
import { LATEST_VERSION } from '../../../src/store/postgres/migrations.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../../support/postgres.ts';
import { postgresPrograms } from '../../support/postgres-server.ts';
import { sampleConnection } from '../sample-rows.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const OBJECTS = `
SELECT format('%s.%s %s', relnamespace::regnamespace, relname, relkind) AS name FROM pg_class
WHERE relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`;

describe('the schema', () => {
  beforeEach(needsPostgres);

  test('as psql makes it, is the one that the command makes', async () => {
    const { url } = await freshDatabase({ empty: true });
    const { sql } = await onDatabase(url, (db) => migrate(db, { dryRun: true }));
    const file = join(temporaryDirectory(), 'schema.sql');
    writeFileSync(file, sql);
    const psql = join(postgresPrograms() ?? '', 'psql');
    execFileSync(psql, ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', url, '-f', file], { stdio: 'pipe' });
    const migrated = (await freshDatabase()).url;
    const [made, wanted] = await Promise.all([url, migrated].map((at) => onDatabase(at, (db) => db.rows(OBJECTS))));
    expect(made).toEqual(wanted);
    const again = await onDatabase(url, (db) => migrate(db, { dryRun: true }));
    expect(again).toEqual({ from: LATEST_VERSION, to: LATEST_VERSION, grantedTo: [], sql: '' });
    const store = await openPostgresStore(url, 'test', { now: () => 0 });
    onTestFinished(() => store.close());
    await store.putConnection(sampleConnection(), undefined);
    expect(await store.connections()).toHaveLength(1);
  });

  test.each([
    [
      'CREATE SCHEMA lwi; CREATE TABLE lwi.schema_version (version int, compatible_with int)',
      /it has schema_version, and no meta/,
    ],
    ['CREATE SCHEMA lwi; CREATE TABLE lwi.records (id int)', /it has records, and no schema_version/],
  ])('half made by %s is damaged, and says what is there', async (made, why) => {
    const { url } = await freshDatabase({ empty: true });
    await onDatabase(url, (db) => db.script(made));
    const damaged = { code: 'STORE_DAMAGED', message: expect.stringMatching(why) };
    await expect(onDatabase(url, (db) => migrate(db))).rejects.toMatchObject(damaged);
    await expect(openPostgresStore(url, 'test', { now: () => 0 })).rejects.toMatchObject(damaged);
  });

  test('without one of its tables, or without its version, is damaged', async () => {
    const { url } = await freshDatabase();
    const broken = (sql: string) =>
      onDatabase(url, async (db) => {
        await db.script(sql);
        return migrate(db).catch((error: unknown) => error);
      });
    expect(await broken('DROP TABLE sync_seen')).toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringMatching(/it says that it is \d+, and has no sync_seen$/),
    });
    expect(await broken('DELETE FROM schema_version')).toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringMatching(/no version$/),
    });
  });

  test('is no matter of grants to a superuser, to its owner or to those who may act as the owner', async () => {
    const { url } = await freshDatabase({ empty: true });
    const base = `base_${new URL(url).pathname.slice(5)}`;
    const [owner, member] = [`${base}_owner`, `${base}_member`];
    await onDatabase(url, (db) =>
      db.script(`CREATE ROLE ${owner} LOGIN; CREATE ROLE ${member} LOGIN IN ROLE ${owner};
        GRANT CREATE ON DATABASE ${new URL(url).pathname.slice(1)} TO ${owner}`),
    );
    onTestFinished(() => onDatabase(url, (db) => db.script(`DROP OWNED BY ${owner}; DROP ROLE ${member}, ${owner}`)));
    const at = url.replace('postgres@', `${owner}@`);
    for (const [role, why] of [
      ['postgres', /^postgres is a superuser/],
      [owner, /owns the tables/],
      [member, /is a member of the role that does/],
    ] as const) {
      const refused = { code: 'USAGE', message: expect.stringMatching(why) };
      await expect(onDatabase(at, (db) => migrate(db, { grantTo: [role] }))).rejects.toMatchObject(refused);
    }
  });
});
