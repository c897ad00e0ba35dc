import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { openStoredNames } from '../../src/store/sqlite/stored-names.ts';
import { KEY, NOW, sampleConnection } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const CONNECTED = [{ account: KEY.account, provider: KEY.provider }];

/** A home with one connection, which nobody has open. */
async function restingHome(home = temporaryDirectory()): Promise<{ home: string; path: string }> {
  const path = join(home, 'lwi.db');
  const store = openSqliteStore(path, { now: () => NOW });
  await store.putConnection(sampleConnection(), undefined);
  await store.close();
  expect(readdirSync(home)).toEqual(['lwi.db']);
  return { home, path };
}

/** The names that are connected, read as a Tab does. */
function connected(path: string): unknown {
  const names = openStoredNames(path);
  const found = names?.connections();
  names?.close();
  return found;
}

test('reading names leaves nothing beside the database and the database as it is, also through a link', async () => {
  const { home, path } = await restingHome();
  const before = readFileSync(path);
  expect(connected(path)).toEqual(CONNECTED);
  expect(readdirSync(home)).toEqual(['lwi.db']);
  const elsewhere = temporaryDirectory();
  symlinkSync(path, join(elsewhere, 'lwi.db'));
  expect(connected(join(elsewhere, 'lwi.db'))).toEqual(CONNECTED);
  expect([readdirSync(home), readdirSync(elsewhere)]).toEqual([['lwi.db'], ['lwi.db']]);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('reading names sees what is only in the log so far, and takes nothing away from those who come or are there', async () => {
  const { home, path } = await restingHome();
  const early = openStoredNames(path);
  expect(early?.connections()).toEqual(CONNECTED);
  const store = openSqliteStore(path, { now: () => NOW });
  await store.putConnection(sampleConnection({ id: 'second', account: 'zenith' }), undefined);
  early?.close();
  expect(connected(path)).toEqual([...CONNECTED, { account: 'zenith', provider: KEY.provider }]);
  expect(readdirSync(home)).toEqual(['lwi.db', 'lwi.db-shm', 'lwi.db-wal']);
  await store.putConnection(sampleConnection({ id: 'third', account: 'zulu' }), undefined);
  await store.close();
  expect(readdirSync(home)).toEqual(['lwi.db']);
  expect(connected(path)).toHaveLength(3);
});

test('names are read where nothing can be written', async ({ skip }) => {
  const home = temporaryDirectory();
  const root = process.getuid?.() === 0;
  if (root) skip(!allowed('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', home), 'mounting is refused here');
  onTestFinished(() => {
    if (root) execFileSync('umount', ['-l', home]);
    else chmodSync(home, 0o700);
  });
  const { path } = await restingHome(home);
  writeFileSync(join(home, 'other.db'), 'no database');
  if (root) execFileSync('mount', ['-o', 'remount,ro', home]);
  else chmodSync(home, 0o500);
  expect(connected(path)).toEqual(CONNECTED);
  expect(() => connected(join(home, 'other.db'))).toThrow('no database of lwi');
  expect(readdirSync(home)).toEqual(['lwi.db', 'other.db']);
});

/** Runs a command that needs rights which a machine may refuse; false then. */
function allowed(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
