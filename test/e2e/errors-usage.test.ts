import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { failureOf, inThisProcess, openScenario } from '../support/scenario.ts';

const FIELDS = [
  ...['code', 'message', 'hint', 'provider', 'account', 'statusCode', 'providerCode', 'requestId', 'retryable'],
  'retryAfterMs',
];

describe('a mistake on the command line', () => {
  test.each([
    ['an unknown provider', ['connect', 'quickboks'], 'PROVIDER_UNKNOWN', /did you mean quickbooks\?/],
    ['an unknown command', ['conect', 'quickbooks'], 'USAGE', /Did you mean connect\?/],
    ['an unknown verb', ['token', 'refrsh'], 'USAGE', /Did you mean refresh\?/],
    ['an unknown option', ['connect', 'quickbooks', '--timout', '3'], 'USAGE', /Did you mean --timeout\?/],
    ['a word too many', ['status', 'quickbooks'], 'USAGE', /too many arguments/],
    ['a missing argument', ['connect'], 'USAGE', /missing required argument 'provider'/],
    ['a missing value', ['connect', 'quickbooks', '--port'], 'USAGE', /argument missing/],
    ['a number that is none', ['connect', 'quickbooks', '--port', 'x'], 'USAGE', /--port takes a whole number/],
    ['an environment that is none', ['connect', 'quickbooks', '--env', 'sandbx'], 'USAGE', /production, sandbox, mock/],
    ['an environment that the provider lacks', ['connect', 'slack', '--env', 'sandbox'], 'UNSUPPORTED', /sandbox/],
    ['a way of connecting that it lacks', ['connect', 'slack', '--as', 'robot'], 'USAGE', /bot, user/],
  ])('%s is code 2 with a word on what was meant', async (_, words, code, message) => {
    const lwi = inThisProcess(await openScenario());
    const { exit, stdout, error } = failureOf(await lwi.run([...words, '--json']));
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code });
    expect(error['message']).toMatch(message);
    const forPeople = await lwi.runHere(words);
    expect({ ...forPeople, stderr: '' }).toEqual({ code: 2, stdout: '', stderr: '' });
    expect(forPeople.stderr).toMatch(/^error: .*\nnext: .* \([A-Z_]+\)\n$/s);
    expect(forPeople.stderr).not.toMatch(/^\s+at /m);
  });

  test('a group without a verb, and --help, print help on stdout with code 0', async () => {
    const lwi = inThisProcess(await openScenario());
    for (const words of [['--help'], ['token'], ['help', 'connect'], ['connect', '-h'], []]) {
      const ran = await lwi.run(words);
      expect({ words, code: ran.code, stderr: ran.stderr }).toEqual({ words, code: 0, stderr: '' });
      expect(ran.stdout).toContain('Usage: lwi');
    }
    expect(await lwi.run(['--version'])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });
});

describe('errors under --json', () => {
  test('are one line on stderr with no fields but those of the contract', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=403:quickbooks/v3');
    const cases = [
      ['token', 'get', 'slack'],
      ['connect', 'nobody'],
      ['nonsense'],
      ['api', 'quickbooks', '/companyinfo/1'],
      ['secret', 'remove', 'slack', 'webhook-secret'],
    ];
    for (const words of cases) {
      const ran = await lwi.run([...words, '--json']);
      expect(ran.stderr).toMatch(/^\{"error":\{.*\}\}\n$/);
      expect(ran.stderr.trimEnd()).not.toContain('\n');
      const { error } = failureOf(ran);
      expect(FIELDS).toEqual(expect.arrayContaining(Object.keys(error)));
      expect(error).toMatchObject({
        code: expect.any(String),
        message: expect.any(String),
        hint: expect.any(String),
        retryable: false,
      });
    }
  });

  test('carry what the provider said', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=403:quickbooks/v3');
    expect(failureOf(await lwi.run(['api', 'quickbooks', '/companyinfo/1', '--json'])).error).toEqual({
      ...{ code: 'FORBIDDEN', message: expect.any(String), hint: expect.any(String), provider: 'quickbooks' },
      ...{
        account: 'default',
        statusCode: 403,
        providerCode: '3100',
        requestId: expect.stringMatching(/^1-/),
        retryable: false,
      },
    });
  });
});

describe('global options', () => {
  test('work before and after the subcommand', async () => {
    const lwi = inThisProcess(await openScenario());
    const env = { LWI_HOME: undefined, LWI_ENV: undefined };
    const options = ['--home', lwi.home, '--env', 'mock', '--account', 'north', '--json'];
    const connected = await lwi.run([...options, 'connect', 'mycarrierpackets'], { env });
    expect(JSON.parse(connected.stdout)).toMatchObject({ account: 'north', env: 'mock' });
    const after = await lwi.run(['token', 'list', ...options], { env });
    expect(JSON.parse(after.stdout)).toMatchObject([{ account: 'north' }]);
    const between = await lwi.run(['token', ...options, 'list'], { env });
    expect(between.stdout).toBe(after.stdout);
  });

  test('a flag goes before the environment, and that before the config', async () => {
    const lwi = inThisProcess(await openScenario());
    lwi.config({ account: 'from-config' });
    const account = async (words: string[], env = {}) =>
      failureOf(await lwi.run(['token', 'get', 'slack', '--json', ...words], { env })).error['account'];
    expect(await account([])).toBe('from-config');
    expect(await account([], { LWI_ACCOUNT: 'from-environment' })).toBe('from-environment');
    expect(await account(['-a', 'from-flag'], { LWI_ACCOUNT: 'from-environment' })).toBe('from-flag');
  });

  test('an empty home is refused, and nothing is made elsewhere for it', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['status', '--json', '--home', ''], { env: { LWI_HOME: undefined } });
    const error = { code: 'USAGE', message: '--home is empty.' };
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error });
    expect(readdirSync(lwi.cwd)).toEqual([]);
  });

  test('--quiet leaves out what is not the result', async () => {
    const lwi = inThisProcess(await openScenario());
    expect((await lwi.run(['connect', 'mycarrierpackets'])).stderr).toContain('next: lwi sync mycarrierpackets');
    expect((await lwi.run(['connect', 'mycarrierpackets', '-q'])).stderr).toBe('');
  });

  test('another database is asked for, or what names it refused; the file never takes its place', async () => {
    const lwi = inThisProcess(await openScenario());
    const none = { LWI_DATABASE_URL: undefined };
    // Nothing listens on this port.
    const nowhere = `postgres://lwi:planted-pa55@127.0.0.1:${await freePort()}/lwi`;
    const env = { LWI_DATABASE_URL: nowhere };
    const away = { exit: 7, stdout: '', error: { code: 'STORE_AWAY', retryable: true } };
    for (const words of [
      ['token', 'list'],
      ['status'],
      ['secret', 'list'],
      ['store', 'status'],
      ['store', 'migrate'],
    ]) {
      const ran = await lwi.run([...words, '--json', '-vv'], { env });
      expect(failureOf(ran)).toMatchObject(away);
      expect(ran.stderr).not.toContain('pa55');
    }
    const file = lwi.config({ database: nowhere });
    expect(failureOf(await lwi.run(['status', '--json'], { env: none }))).toMatchObject(away);
    chmodSync(file, 0o644);
    const open = failureOf(await lwi.run(['status', '--json'], { env: none }));
    expect(open).toMatchObject({ exit: 2, error: { code: 'CONFIG_INVALID', hint: `Run \`chmod 600 ${file}\`.` } });
    lwi.config({ database: 'lwi.db' });
    expect(failureOf(await lwi.run(['status', '--json'], { env: none })).error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/config\.json: database: expected a URL of a PostgreSQL database/),
    });
    lwi.config({});
    for (const url of ['', 'lwi.db', 'mysql://u:planted-pa55@db/x', 'postgres://u:planted-pa55#@db/x']) {
      const ran = await lwi.run(['connect', 'mycarrierpackets', '--json'], { env: { LWI_DATABASE_URL: url } });
      expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
      expect(ran.stderr).not.toContain('pa55');
    }
    expect(existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  });
});

test('a command that has nothing left to do before it has an end is code 1', async () => {
  const lwi = inThisProcess(await openScenario());
  cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(lwi.cwd, 'bin'), { recursive: true });
  mkdirSync(join(lwi.cwd, 'dist'));
  writeFileSync(join(lwi.cwd, 'dist', 'lwi.cjs'), 'exports.main = () => new Promise(() => {});');
  const env = { LWI_HOME: lwi.home };
  expect(spawnSync(process.execPath, [join(lwi.cwd, 'bin', 'lwi.js'), 'status'], { env }).status).toBe(1);
});
