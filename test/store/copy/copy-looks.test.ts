import { chmodSync, existsSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LwiError } from '../../../src/errors.ts';
import { openSides } from '../../../src/store/copy/open-sides.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES } from '../../support/postgres-server.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

interface Tried {
  /** Code and message of the error; `opened`: there was none. */
  readonly end: string;
  readonly told: readonly string[];
  readonly waited: readonly string[];
}

async function tried(from: string, to: string): Promise<Tried> {
  const told: string[] = [];
  const waited: string[] = [];
  const around = {
    ...{ environment: {}, homedir: () => '' },
    warn: (text: string) => void told.push(text),
    waiting: (place: string) => void waited.push(place),
  };
  try {
    const sides = await openSides({ text: from, source: '--from' }, { text: to, source: '--to' }, around);
    await sides.target.close();
    await sides.source.close();
    return { end: 'opened', told, waited };
  } catch (error) {
    if (!(error instanceof LwiError)) throw error;
    return { end: `${error.code} ${error.message}`, told, waited };
  }
}

/** A store that somebody has open, so that whoever wants it for himself has to wait. */
function storeInUse(): string {
  const path = join(temporaryDirectory(), 'lwi.db');
  const database = openDatabase(path);
  onTestFinished(() => database.close());
  return path;
}

test('a bad target is refused before anybody is waited for, and stays as it is', async () => {
  const source = storeInUse();
  const folder = join(temporaryDirectory(), 'shared');
  mkdirSync(folder);
  const [text, empty, hard, soft] = ['notes.txt', 'empty.db', 'hard.db', 'soft.db'].map((name) => join(folder, name));
  if (!text || !empty || !hard || !soft) throw new Error('unreachable');
  const lone = join(temporaryDirectory(), 'lwi-notes');
  for (const path of [text, lone]) writeFileSync(path, 'no database at all, but as long as a page of one '.repeat(200));
  writeFileSync(empty, '');
  for (const path of [text, empty, lone]) chmodSync(path, 0o644);
  for (const path of [folder, join(lone, '..')]) chmodSync(path, 0o755);
  linkSync(source, hard);
  symlinkSync(source, soft);
  const same = /^USAGE --from and --to are the same store/;
  for (const [to, why] of [
    [folder, /^USAGE .*shared is a directory/],
    [text, /^STORE_DAMAGED/],
    [lone, /^STORE_DAMAGED/],
    [empty, /^USAGE .*is open to others \(mode 0644\)/],
    [join(text, 'lwi.db'), /^STORE_READONLY/],
    ['-', /^USAGE --to is no path/],
    ['/dev/null', /^USAGE \/dev\/null is no file/],
    [hard, same],
    [soft, same],
  ] as const) {
    expect(await tried(source, to)).toEqual({ end: expect.stringMatching(why), told: [], waited: [] });
  }
  expect([folder, text, empty, lone, join(lone, '..')].map(modeOf)).toEqual(['755', '644', '644', '644', '755']);
  const good = join(folder, 'new', 'lwi.db');
  const busy = await tried(source, good);
  expect([busy.end, new Set(busy.waited)]).toEqual([expect.stringMatching(/^STORE_LOCKED/), new Set([source])]);
  expect(existsSync(join(folder, 'new'))).toBe(false);
});

test('what a copy makes is private, what is there stays open, and that is told', async () => {
  const source = join(temporaryDirectory(), 'lwi.db');
  await openDatabase(source).close();
  // Nothing but files of lwi: as a home it would be closed to others.
  const folder = temporaryDirectory();
  chmodSync(folder, 0o755);
  const to = join(folder, 'lwi.db');
  const told = [`${folder} is open to others (mode 0755); the file that is made there is not`];
  expect(await tried(source, to)).toEqual({ end: 'opened', told, waited: [] });
  expect([folder, to].map(modeOf)).toEqual(['755', '600']);
  const deep = join(folder, 'a', 'b', 'lwi.db');
  expect(await tried(source, deep)).toEqual({ end: 'opened', told: [], waited: [] });
  expect([folder, join(folder, 'a'), join(folder, 'a', 'b'), deep].map(modeOf)).toEqual(['755', '700', '700', '600']);
});

test('one database of PostgreSQL by two names and roles is the same store; one that is not there is said at once', async ({
  skip,
}) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const { url } = await freshDatabase();
  const store = await openPostgresStore(url, 'test', { now: () => 0 });
  onTestFinished(() => store.close());
  const role = `elsewhere_${new URL(url).pathname.slice(5)}`;
  // Times are written otherwise for it.
  const make = `CREATE ROLE ${role} LOGIN SUPERUSER; ALTER ROLE ${role} SET timezone TO 'Asia/Tokyo'`;
  await onDatabase(url, (db) => db.script(make));
  onTestFinished(() => onDatabase(url, (db) => db.script(`DROP ROLE ${role}`)));
  const other = url.replace('postgres@127.0.0.1', `${role}@localhost`);
  expect(await tried(url, other)).toMatchObject({ end: expect.stringMatching(/^USAGE .* are the same/), waited: [] });
  const missing = await tried(url, `${POSTGRES}lwi_not_there`);
  expect(missing).toMatchObject({ end: expect.stringMatching(/^STORE_REFUSED .*does not exist/), waited: [] });
  const file = join(temporaryDirectory(), 'new', 'lwi.db');
  const busy = await tried(url, file);
  expect([busy.end, new Set(busy.waited)]).toEqual([
    expect.stringMatching(/^STORE_LOCKED .*another lwi uses the database$/),
    new Set([url]),
  ]);
  expect(existsSync(file)).toBe(false);
});
