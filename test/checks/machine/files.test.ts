import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configFinding } from '../../../src/checks/machine/config.ts';
import { databaseFinding } from '../../../src/checks/machine/database.ts';
import { diskCheck } from '../../../src/checks/machine/disk.ts';
import { pathsCheck } from '../../../src/checks/machine/paths.ts';
import { permissionsCheck } from '../../../src/checks/machine/permissions.ts';
import { resolvePaths } from '../../../src/paths.ts';
import type { Examination } from '../../../src/store/examination.ts';
import { said, wording } from './support.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lwi-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const pathsIn = (home: string) => () => resolvePaths({ home, environment: {}, platform: 'linux', homedir: '/' });

describe('permissions', () => {
  const uid = process.geteuid?.() ?? 0;
  const check = (home: string, as = uid, elsewhere = false) =>
    said(permissionsCheck({ paths: pathsIn(home), uid: as, elsewhere: async () => elsewhere }));

  test('of a home that is private, and of one that is not there yet', async () => {
    const home = place();
    writeFileSync(join(home, 'config.json'), '{}', { mode: 0o600 });
    expect(await check(home)).toBe('pass directories 0700, files 0600, owned by this user, writable');
    expect(await check(join(home, 'a', 'b'))).toMatch(/^pass nothing is there yet; .* can be made$/);
  });

  test('that are loose, of somebody else or of no directory fail with what to run', async () => {
    const home = place();
    writeFileSync(join(home, 'lwi.db'), '');
    chmodSync(join(home, 'lwi.db'), 0o644);
    chmodSync(home, 0o755);
    const loose = `fail others have access to ${home} (0755); others have access to ${home}/lwi.db (0644) next: Run \`chmod 700 '${home}'\`, unless opening the database has taken that access away meanwhile.`;
    expect(await check(home)).toBe(loose);
    // Where the database is on a server, nothing here is opened.
    expect(await check(home, uid, true)).toMatch(/Run `chmod 700 '[^']*'`\.$/);
    expect(await check(home, uid + 1)).toContain(`${home} belongs to user ${uid}, lwi runs as ${uid + 1}`);
    writeFileSync(join(home, 'file'), '');
    expect(await check(join(home, 'file'))).toContain('is no directory');
    expect(await check(join(home, 'file', 'below'))).toContain('cannot be made below');
    mkdirSync(join(home, 'odd', 'lwi.db'), { recursive: true, mode: 0o700 });
    expect(await check(join(home, 'odd'))).toContain('is no regular file');
  });
});

test('paths name the rule that decided', async () => {
  const xdg = { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: 'relative' };
  const check = (home: string | undefined, environment: Readonly<Record<string, string>>, away = false) => {
    const inputs = { home, environment, platform: 'linux' } as const;
    const paths = () => resolvePaths({ ...inputs, homedir: '/u' });
    return said(pathsCheck({ ...inputs, paths, elsewhere: async () => away }));
  };
  const variable = { ...xdg, LWI_HOME: '/by/variable' };
  expect(await check(undefined, variable)).toBe('pass all in /by/variable, by LWI_HOME');
  expect(await check('/by/flag', variable)).toBe('pass all in /by/flag, by --home');
  expect(await check('/by/variable', variable)).toBe('pass all in /by/variable, by --home');
  expect(await check(undefined, xdg)).toBe(
    'pass config /u/.config/lwi/config.json, database /data/lwi/lwi.db, cache /u/.cache/lwi, by XDG_DATA_HOME',
  );
  expect(await check(undefined, {}, true)).toContain('database on a server, cache');
  expect(await check('/by/flag', {}, true)).toBe('pass all but the database in /by/flag, by --home');
});

test.each([
  ['roomy', { type: 0xef53, bavail: 1e6 }, 'pass 3.8 GiB free, no network file system'],
  ['nearly full', { type: 0xef53, bavail: 1000 }, 'fail 3.9 MiB free'],
  ['NFS', { type: 0x6969, bavail: 1e6 }, 'is on NFS, a network file system'],
  ['SMB, whose number is given with a sign', { type: 0xfe534d42 | 0, bavail: 1e6 }, 'is on SMB'],
])('a disk that is %s', async (_, { type, bavail }, expected) => {
  const statfs = () => ({ type, bavail, bsize: 4096 });
  const deps = { paths: pathsIn('/nowhere/at/all'), platform: 'linux', statfs } as const;
  expect(await said(diskCheck({ ...deps, elsewhere: async () => false }))).toContain(expected);
  expect(await said(diskCheck({ ...deps, elsewhere: async () => true }))).toBe('skip the database is on a server');
});

test.each<[string, Partial<Examination>, RegExp]>([
  ['whole', {}, /^pass integrity_check of SQLite 9 finds nothing; schema 6, 8 KiB, 0 B of it free, log 3.8 MiB$/],
  [
    'larger than a look can take',
    { sizeBytes: 3e8 },
    /^pass integrity_check of SQLite 9 finds nothing in keys, tokens and secrets \(records and webhooks were not looked at\); schema 6, 286 MiB/,
  ],
  ['damaged', { problems: ['row 1 missing from index a'] }, /^fail damaged: row 1 missing .* next: .*backup/],
  ['behind its log', { logBytes: 3e8 }, /^fail .*286 MiB.* next: .*`lwi status`/],
])('a database that is %s', async (_, change, expected) => {
  const whole = { engine: 'SQLite 9', method: 'integrity_check', problems: [], schemaVersion: 6 };
  const sizes = { sizeBytes: 8192, freeBytes: 0, logBytes: 4e6 };
  let bound: number | undefined;
  const examine = async (most?: number) => {
    bound = most;
    return { ...whole, ...sizes, ...change };
  };
  expect(wording(await databaseFinding({ examine }))).toMatch(expected);
  expect(bound).toBe(256_000_000);
});

test('a database that is not there yet is none to be checked, and no trouble', async () => {
  expect(wording(await databaseFinding(undefined))).toBe('pass there is none yet; the first `lwi connect` makes it');
});

test('a config says whom it is for and where it sends requests, by host alone', async () => {
  const file = join(place(), 'config.json');
  const acme = { id: 'acme', api: { baseUrl: 'https://api.acme.example' } };
  const endpoints = { slack: { apiBaseUrl: 'http://127.0.0.1:9/secret-path' } };
  const config = async () => ({ account: 'north', env: 'sandbox' as const, providers: { acme }, endpoints });
  const finding = async (providers = async () => {}) => wording(await configFinding({ file, config, providers }));
  expect(await finding()).toBe(`pass no file ${file}: the built-in defaults hold`);
  writeFileSync(file, '{}');
  expect(await finding()).toBe(
    `pass ${file} is valid; account north; environment sandbox; providers of your own: acme; slack goes to 127.0.0.1:9`,
  );
  await expect(finding(() => Promise.reject(new Error('no such provider')))).rejects.toThrow('no such provider');
});
