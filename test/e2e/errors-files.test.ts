import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../support/store-place.ts';

/** In this process: what the built command makes of each of these codes is in every-error. */
const fails = async (lwi: Scenario, words: readonly string[]) => failureOf(await lwi.runHere([...words, '--json']));

describe('a broken config', () => {
  test.each([
    [
      'that is no JSON',
      '{\n  "account": "north",\n  "env" "mock"\n}',
      /config\.json: line 3, column 9: expected a colon/,
    ],
    ['with an unknown key', { acount: 'north' }, /config\.json: acount: unknown key/],
    ['with a wrong value', { env: 'sandbx' }, /config\.json: env: expected one of production, sandbox, mock/],
    [
      'with a wrong value deep inside',
      { providers: { acme: { id: 'acme', api: { baseUrl: 'http://acme.example' } } } },
      /providers\.acme\.api\.baseUrl: expected an https URL/,
    ],
    ['with a list in place of an object', [], /the whole file: expected an object/],
    [
      'that names a provider which does not exist',
      { endpoints: { quickboks: {} } },
      /endpoints\.quickboks: there is no such provider/,
    ],
  ])('%s is code 2 and says where', async (_, content, message) => {
    const lwi = await openScenario();
    lwi.config(content);
    const { exit, stdout, error } = await fails(lwi, ['connect', 'quickbooks']);
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code: 'CONFIG_INVALID' });
    expect(error['message']).toMatch(message);
  });
});

describe('a database', () => {
  test('of a newer version is code 7, and is left as it is', async ({ skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    const lwi = await openScenario();
    await lwi.connected(['mycarrierpackets']);
    const database = new Database(join(lwi.home, 'lwi.db'));
    database.pragma('user_version = 99');
    database.close();
    const before = readFileSync(join(lwi.home, 'lwi.db'));
    const { exit, stdout, error } = await fails(lwi, ['status']);
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 7, stdout: '', code: 'STORE_TOO_NEW' });
    expect(error['message']).toMatch(/lwi\.db: has schema 99/);
    expect(readFileSync(join(lwi.home, 'lwi.db')).equals(before)).toBe(true);
  });

  test.for<[string, string | undefined]>([
    ['that is garbage', 'this is no database at all, but text that goes on for a while '.repeat(200)],
    ['that is cut short', undefined],
  ])('%s is code 7, and is left as it is', async ([, text], { skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    const lwi = await openScenario();
    await lwi.connected(['mycarrierpackets']);
    const file = join(lwi.home, 'lwi.db');
    const content = text ?? readFileSync(file).subarray(0, 5000);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    writeFileSync(file, content);
    expect(await fails(lwi, ['status'])).toMatchObject({ exit: 7, stdout: '', error: { code: 'STORE_DAMAGED' } });
    expect(readFileSync(file).equals(Buffer.from(content))).toBe(true);
  });

  test('of another program is code 7', async ({ skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    const lwi = await openScenario();
    mkdirSync(lwi.home, { mode: 0o700 });
    const other = new Database(join(lwi.home, 'lwi.db'));
    other.exec('CREATE TABLE theirs (id)');
    other.close();
    expect(await fails(lwi, ['status'])).toMatchObject({ exit: 7, error: { code: 'STORE_DAMAGED' } });
  });

  test('that cannot be made, because a file is in the place of the directory, is code 7', async ({ skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    const lwi = await openScenario();
    lwi.write('home', 'a file');
    expect(await fails(lwi, ['connect', 'mycarrierpackets'])).toMatchObject({
      ...{ exit: 7, stdout: '', error: { code: 'STORE_READONLY', message: expect.stringContaining(lwi.home) } },
    });
  });

  test('in a directory without write permission is code 7', async ({ skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    skip(process.getuid?.() === 0, 'root may write everywhere');
    const lwi = await openScenario();
    mkdirSync(lwi.home, { mode: 0o500 });
    const failed = await fails(lwi, ['connect', 'mycarrierpackets']);
    chmodSync(lwi.home, 0o700);
    expect(failed).toMatchObject({ exit: 7, error: { code: 'STORE_READONLY' } });
  });

  test('is not made by commands that only look', async () => {
    const lwi = await openScenario();
    expect(await lwi.json(['status'])).toEqual([]);
    expect(await lwi.json(['secret', 'list'])).toEqual([]);
    expect((await lwi.run(['provider', 'list'])).code).toBe(0);
    expect(existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  });
});

describe('files', () => {
  test.each(['077', '000'])('are 0600 in directories of 0700 under umask %s', async (umask) => {
    const lwi = await openScenario();
    const shell = `umask ${umask}; exec $LWI "$@"`;
    const file = lwi.write('acme.json', { id: 'acme', api: { baseUrl: 'https://acme.example' } });
    await lwi.json(['connect', 'mycarrierpackets'], { shell });
    await lwi.json(['provider', 'add', '--file', file], { shell });
    const mode = (...names: string[]) => (statSync(join(lwi.home, ...names)).mode & 0o777).toString(8);
    expect([mode(), mode('config.json'), mode('cache')]).toEqual(['700', '600', '700']);
    if (ON_POSTGRES) return;
    expect(mode('lwi.db')).toBe('600');
    // While a process has it open, the files beside the database are there too.
    const running = await lwi.startConnect(['quickbooks'], { shell });
    expect([mode('lwi.db-wal'), mode('lwi.db-shm')]).toEqual(['600', '600']);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(143);
  });

  test('loose modes of an earlier database are tightened', async ({ skip }) => {
    if (ON_POSTGRES) skip(OF_THE_FILE);
    const lwi = await openScenario();
    await lwi.connected(['mycarrierpackets']);
    chmodSync(lwi.home, 0o755);
    chmodSync(join(lwi.home, 'lwi.db'), 0o644);
    await lwi.json(['status']);
    expect([lwi.home, join(lwi.home, 'lwi.db')].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      '700',
      '600',
    ]);
  });
});
