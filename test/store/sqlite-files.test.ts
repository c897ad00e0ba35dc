import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { LATEST_VERSION } from '../../src/store/sqlite/migrations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { assertSafeVersion } from '../../src/store/sqlite/sqlite-version.ts';
import { NOBODY, unprivileged } from '../support/unprivileged.ts';
import { bytes, KEY, NOW, sampleConnection, samplePage, sampleRecord, sampleToken, TARGET } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function open(path: string) {
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** The error that `work` throws. */
function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** Runs a command that needs rights which a machine may refuse; false then. */
function allowed(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('directories are made 0700 and files 0600, also under a loose umask', async () => {
  const before = process.umask(0);
  onTestFinished(() => {
    process.umask(before);
  });
  const home = join(temporaryDirectory(), 'a', 'b');
  const path = join(home, 'lwi.db');
  await open(path).claimVaultKey('aaaa');
  expect([modeOf(join(home, '..')), modeOf(home)]).toEqual(['700', '700']);
  expect(readdirSync(home).map((name) => [name, modeOf(join(home, name))])).toEqual([
    ['lwi.db', '600'],
    ['lwi.db-shm', '600'],
    ['lwi.db-wal', '600'],
  ]);
});

test('loose modes of an existing database are tightened, with those of its log', async () => {
  const home = temporaryDirectory();
  const path = join(home, 'lwi.db');
  await open(path).claimVaultKey('aaaa');
  for (const name of readdirSync(home)) chmodSync(join(home, name), 0o644);
  chmodSync(home, 0o755);
  expect(await open(path).vaultKeyId()).toBe('aaaa');
  expect(modeOf(home)).toBe('700');
  expect(readdirSync(home).map((name) => modeOf(join(home, name)))).toEqual(['600', '600', '600']);
});

test('a home that its owner has made read-only stays so, and is STORE_READONLY', async () => {
  const home = temporaryDirectory();
  const path = join(home, 'lwi.db');
  await open(path).close();
  // Root may write everywhere, so that somebody else is the owner.
  if (process.geteuid?.() === 0) for (const owned of [home, path]) chownSync(owned, NOBODY, NOBODY);
  const modes: [home: number, database: number][] = [
    [0o555, 0o600],
    [0o755, 0o444],
    [0o555, 0o444],
  ];
  for (const [ofHome, ofDatabase] of modes) {
    chmodSync(path, ofDatabase);
    chmodSync(home, ofHome);
    const claim = unprivileged(async () => open(path).claimVaultKey('aaaa'));
    await expect(claim).rejects.toMatchObject({ code: 'STORE_READONLY' });
    expect([modeOf(home), modeOf(path)]).toEqual([ofHome & 0o700, ofDatabase & 0o700].map((mode) => mode.toString(8)));
  }
});

test('a directory with the files of others is left open; the database in it is not', async () => {
  const home = temporaryDirectory();
  writeFileSync(join(home, 'index.html'), '');
  chmodSync(home, 0o755);
  const path = join(home, 'lwi.db');
  open(path);
  expect([modeOf(home), modeOf(path)]).toEqual(['755', '600']);
});

test('the seed schema of tokens is there, strict and unique for tenant and provider', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  open(path);
  const driver = new Driver(path, { readonly: true });
  onTestFinished(() => {
    driver.close();
  });
  const columns = driver.prepare("SELECT name FROM pragma_table_info('oauth_tokens')").pluck().all();
  expect(columns).toEqual(
    expect.arrayContaining([
      ...['id', 'account_id', 'provider', 'access_token_encrypted', 'refresh_token_encrypted', 'expires_at', 'scopes'],
      ...['external_id', 'external_user_id', 'created_at', 'updated_at'],
    ]),
  );
  const index = driver.prepare("SELECT name FROM pragma_index_info('idx_oauth_tokens_account_provider')").pluck().all();
  expect(index).toEqual(['account_id', 'provider']);
  const loose = driver.prepare(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict",
  );
  expect(
    loose
      .pluck()
      .all()
      .filter((name) => !String(name).startsWith('sqlite_')),
  ).toEqual([]);
});

test('a database of a newer lwi is refused and left as it is', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  await open(path).close();
  const driver = new Driver(path);
  driver.pragma('user_version = 999');
  driver.pragma('journal_mode = DELETE');
  driver.close();
  const before = readFileSync(path);
  expect(thrown(() => open(path))).toMatchObject({
    code: 'STORE_TOO_NEW',
    message: `${path}: has schema 999, this lwi knows ${LATEST_VERSION}`,
  });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a file that is no database, or one of another program, is refused and left as it is', async () => {
  const home = temporaryDirectory();
  const garbage = join(home, 'garbage.db');
  writeFileSync(garbage, 'no database at all, but long enough to be one '.repeat(200), { mode: 0o600 });
  const foreign = join(home, 'foreign.db');
  const driver = new Driver(foreign);
  driver.exec('CREATE TABLE notes (text)');
  driver.close();
  for (const path of [garbage, foreign]) {
    const before = readFileSync(path);
    expect(thrown(() => open(path))).toMatchObject({ code: 'STORE_DAMAGED', message: expect.stringContaining(path) });
    expect(readFileSync(path).equals(before)).toBe(true);
  }
});

test('damage inside the file is found when it is met, and what is whole can still be read', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  const store = open(path);
  await store.putConnection(sampleConnection(), undefined);
  await store.commitPage(samplePage([sampleRecord('1')]));
  await store.close();
  const driver = new Driver(path);
  const page = Number(driver.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'oauth_tokens'").pluck().get());
  const size = Number(driver.pragma('page_size', { simple: true }));
  driver.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size);
  closeSync(file);
  const damaged = open(path);
  await expect(damaged.connections()).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    message: expect.stringContaining(path),
  });
  expect(await damaged.syncSummary(TARGET)).toEqual({ records: 1 });
  await expect(damaged.examine()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

test('an index that contradicts its table is found by an examination, which names no content', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  const store = open(path);
  await store.commitPage(samplePage([sampleRecord('needle-0001')]));
  await store.close();
  const file = readFileSync(path);
  file.write('needle-0002', file.indexOf('needle-0001'));
  writeFileSync(path, file);
  const { problems } = await open(path).examine();
  expect(problems.join()).toMatch(/missing from index/);
  expect(problems.join()).not.toContain('needle');
});

test('a home that is a file, or lies below one, is STORE_READONLY', () => {
  const file = join(temporaryDirectory(), 'home');
  writeFileSync(file, '');
  for (const path of [join(file, 'lwi.db'), join(file, 'sub', 'lwi.db')]) {
    expect(thrown(() => open(path))).toMatchObject({ code: 'STORE_READONLY', message: expect.stringContaining(path) });
  }
});

test('a directory or a dangling link in place of the database is STORE_READONLY', () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, 'directory.db'));
  symlinkSync(join(home, 'nowhere'), join(home, 'link.db'));
  for (const name of ['directory.db', 'link.db']) {
    expect(thrown(() => open(join(home, name)))).toMatchObject({ code: 'STORE_READONLY' });
  }
});

test('a home on a read-only file system is STORE_READONLY, with and without a database', async ({ skip }) => {
  const home = temporaryDirectory();
  skip(!allowed('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home), 'mounting a file system is refused here');
  onTestFinished(() => {
    execFileSync('umount', ['-l', home]);
  });
  const path = join(home, 'lwi.db');
  await open(path).close();
  execFileSync('mount', ['-o', 'remount,ro', home]);
  expect(thrown(() => open(path))).toMatchObject({ code: 'STORE_READONLY', message: expect.stringContaining(path) });
  const fresh = join(home, 'fresh', 'lwi.db');
  expect(thrown(() => open(fresh))).toMatchObject({ code: 'STORE_READONLY', message: expect.stringContaining(fresh) });
});

test('a database that may not be written is STORE_READONLY', async ({ skip }) => {
  const home = temporaryDirectory();
  const path = join(home, 'lwi.db');
  await open(path).close();
  skip(!allowed('chattr', '+i', path), 'making a file immutable is refused here');
  onTestFinished(() => {
    execFileSync('chattr', ['-i', path]);
  });
  const error = await Promise.resolve()
    .then(() => open(path).claimVaultKey('aaaa'))
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'STORE_READONLY', message: expect.stringContaining(path) });
});

test('a full disk is STORE_FULL, keeps what was committed, and goes on when there is room again', async ({ skip }) => {
  const home = temporaryDirectory();
  skip(!allowed('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home), 'mounting a file system is refused here');
  onTestFinished(() => {
    execFileSync('umount', ['-l', home]);
  });
  const path = join(home, 'lwi.db');
  const ballast = join(home, 'ballast');
  writeFileSync(ballast, Buffer.alloc(2_000_000));
  const store = open(path);
  await store.commitPage(samplePage([sampleRecord('kept')]));
  const big = Array.from({ length: 2500 }, (_, index) => sampleRecord(`${index}`, { data: 'x'.repeat(1000) }));
  const page = samplePage(big, { progress: { watermark: NOW + 1 } });
  await expect(store.commitPage(page)).rejects.toMatchObject({
    code: 'STORE_FULL',
    message: expect.stringContaining(path),
  });
  expect(await store.syncSummary(TARGET)).toEqual({ records: 1 });
  expect(await store.cursor(TARGET, 'invoices')).toMatchObject({ watermark: NOW });
  rmSync(ballast);
  expect(await store.commitPage(samplePage(big.slice(0, 500)))).toMatchObject({ upserted: 500 });
});

test('a disk that fills up while a token is spent has room for the new one; one that was full before stops the spending', async ({
  skip,
}) => {
  const home = temporaryDirectory();
  skip(!allowed('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home), 'mounting a file system is refused here');
  onTestFinished(() => {
    execFileSync('umount', ['-l', home]);
  });
  const ballast = join(home, 'ballast');
  const fill = () => {
    expect(() => writeFileSync(ballast, Buffer.alloc(4_000_000))).toThrow('ENOSPC');
  };
  const store = open(join(home, 'lwi.db'));
  await store.putConnection(sampleConnection(), undefined);
  const rotation = { startedAt: NOW, owner: '1@here' };

  expect(await store.beginRotation(KEY, 1, rotation)).toBe(true);
  await store.acquireLease('refresh', 'beats meanwhile', 1000);
  fill();
  await store.renewLease('refresh', 'beats meanwhile', 1000);
  const token = { ...sampleToken('2'), accessToken: bytes('a'.repeat(8000)), refreshToken: bytes('r'.repeat(8000)) };
  expect(await store.replaceToken(KEY, { token, at: NOW }, 1)).toBe(true);
  expect(await store.connection(KEY)).toMatchObject({ generation: 2, token, rotation: undefined });
  await store.close();

  const again = open(join(home, 'lwi.db'));
  rmSync(ballast);
  fill();
  await expect(again.beginRotation(KEY, 2, rotation)).rejects.toMatchObject({ code: 'STORE_FULL' });
  expect(await again.connection(KEY)).toMatchObject({ generation: 2, rotation: undefined });
});

test('an SQLite that can lose commits is refused', () => {
  for (const version of ['3.51.2', '3.50.7', '3.7.0', '2.99.99', 'unknown']) {
    expect(thrown(() => assertSafeVersion(version))).toMatchObject({ code: 'STORE_UNSAFE' });
  }
  for (const version of ['3.51.3', '3.51.10', '3.54.1', '4.0.0']) assertSafeVersion(version);
});

test('a copy of the file is the same store', async () => {
  const home = temporaryDirectory();
  const store = open(join(home, 'lwi.db'));
  await store.putConnection(sampleConnection(), undefined);
  const row = await store.connection(KEY);
  await store.close();
  copyFileSync(join(home, 'lwi.db'), join(home, 'copy.db'));
  expect(await open(join(home, 'copy.db')).connection(KEY)).toEqual(row);
});
