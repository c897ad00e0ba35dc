import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../support/store-place.ts';

/** Names of all checks, in their order. */
const NAMES = [
  ...['versions', 'paths', 'permissions', 'disk', 'config', 'environment', 'database', 'keychain', 'key'],
  ...['receiver-port', 'callback-port', 'browser', 'proxy', 'hosts', 'clock'],
];

/** These depend on what else the machine runs just now. */
const OF_THE_MACHINE = ['receiver-port', 'callback-port', 'keychain', 'disk'];

interface Checked {
  readonly name: string;
  readonly outcome: string;
  readonly evidence?: string;
  readonly reason?: string;
  readonly next?: string;
}

async function doctor(lwi: Scenario, env: Record<string, string | undefined> = {}, words: readonly string[] = []) {
  const ran = await lwi.run(['doctor', '--json', ...words], { env });
  const { checks } = JSON.parse(ran.stdout) as { checks: readonly Checked[] };
  const about = checks.filter(({ name }) => !OF_THE_MACHINE.includes(name));
  return {
    ...{ ran, checks, failed: about.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name) },
    of: (name: string) => checks.find((check) => check.name === name),
  };
}

test('a machine that is well: every check in its order, hosts asked once with HEAD and no token', async () => {
  const lwi = await openScenario();
  await lwi.json(['connect', 'mycarrierpackets']);
  const before = await lwi.requests();
  const { ran, checks, failed, of } = await doctor(lwi);
  expect(checks.map(({ name }) => name)).toEqual(NAMES);
  expect(failed).toEqual([]);
  expect(ran.stderr).toBe('');
  expect(of('paths')?.evidence).toMatch(`${ON_POSTGRES ? 'all but the database' : 'all'} in ${lwi.home}, by LWI_HOME`);
  const sound = ON_POSTGRES
    ? /of PostgreSQL \d+\.\S+ finds nothing; schema \d+/
    : /^integrity_check of SQLite 3\.\d+\.\d+ finds nothing; schema \d+/;
  expect(of('database')?.evidence).toMatch(sound);
  expect(of('key')?.evidence).toMatch(/^key [0-9a-f]+, from LWI_ENCRYPTION_KEY, opens the database$/);
  expect(of('hosts')?.evidence).toBe(`answering: ${new URL(lwi.mockUrl).host}`);
  expect(of('clock')?.evidence).toBe(`within a second of ${new URL(lwi.mockUrl).host}`);
  expect(ran.stdout).not.toContain(lwi.key);
  const asked = Object.entries(await lwi.requests()).filter(([what, count]) => count !== (before[what] ?? 0));
  expect(asked).toEqual([['HEAD /', 1]]);

  const offline = await doctor(lwi, {}, ['--offline']);
  expect(offline.of('hosts')).toMatchObject({ outcome: 'skip', reason: '--offline: no connection was made' });
  expect((await lwi.requests())['HEAD /']).toBe(1);
});

test('a clock that is off by ten minutes, and a provider that is gone, fail for that reason', async () => {
  const lwi = await openScenario();
  await lwi.json(['connect', 'mycarrierpackets']);
  await lwi.control('faults?fault=skew=600000');
  const skewed = await doctor(lwi);
  expect([skewed.ran.code, ...skewed.failed]).toEqual([8, 'clock']);
  expect(skewed.of('clock')?.reason).toMatch(/^The clock of this machine is (10m|9m 59s) behind /);
  await lwi.stopMock();
  const gone = await doctor(lwi);
  expect([gone.ran.code, ...gone.failed]).toEqual([8, 'hosts']);
  expect(gone.of('clock')?.outcome).toBe('skip');
});

describe('trouble is the line that fails, and never a crash', () => {
  const nothing = async () => {};
  const garbage = 'this is no database at all, but text that goes on for a while '.repeat(200);

  test.for<[string, (lwi: Scenario) => Promise<unknown>, Record<string, string | undefined>, readonly string[]]>([
    ['no home', nothing, { LWI_HOME: undefined, HOME: '' }, ['paths']],
    ['an empty home', nothing, { LWI_HOME: '' }, ['paths', 'environment']],
    [
      'a home that is a file',
      async (lwi) => writeFileSync(lwi.home, ''),
      {},
      ON_POSTGRES ? ['permissions'] : ['permissions', 'database'],
    ],
    ['a broken config', async (lwi) => lwi.config('{"account":'), {}, ['config']],
    [
      'a damaged database',
      async (lwi) => {
        mkdirSync(lwi.home, { mode: 0o700 });
        writeFileSync(join(lwi.home, 'lwi.db'), garbage, { mode: 0o600 });
      },
      {},
      ['database'],
    ],
    ['a wrong key', (lwi) => lwi.json(['connect', 'mycarrierpackets']), { LWI_ENCRYPTION_KEY: 'AAAA' }, ['key']],
  ])('%s', async ([what, prepare, env, names], { skip }) => {
    if (ON_POSTGRES && what === 'a damaged database') skip(OF_THE_FILE);
    const lwi = await openScenario();
    await prepare(lwi);
    const { ran, failed, checks, of } = await doctor(lwi, env, ['--offline']);
    expect([ran.code, ...failed]).toEqual([8, ...names]);
    expect(checks.map(({ name }) => name)).toEqual(NAMES);
    // Without a home nothing is put where the command was called.
    expect(existsSync(join(lwi.cwd, '.cache', 'lwi'))).toBe(false);
    // No check is skipped for what did not happen.
    const shut = names.includes('database') ? 'the database does not open' : 'config did not pass';
    // An address in the environment needs no config.
    const untried = names.some((name) => name === 'database' || (name === 'config' && !ON_POSTGRES));
    if (untried) expect(of('key')?.reason).toBe(shut);
    for (const name of names) expect(of(name)).toMatchObject({ reason: expect.any(String), next: expect.any(String) });
  });
});

test('a pipe gets one line for each check, with what to do in it', async () => {
  const lwi = await openScenario();
  const { code, stdout, stderr } = await lwi.run(['doctor', '--offline'], { env: { LWI_ACOUNT: 'north' } });
  expect([code, stderr]).toEqual([8, '']);
  expect(stdout).toMatch(/^pass {2}versions {7}lwi \d/m);
  expect(stdout).toMatch(/^fail {2}environment {4}LWI_ACOUNT is not known \(LWI_ACCOUNT is\) {2}next: Unset .+$/m);
  expect(stdout.split('\n')).toHaveLength(NAMES.length + 3);
  expect(stdout).toMatch(/\n\n\d+ passed, \d+ failed, \d+ skipped in \d+m?s\n$/);
  expect(stdout.split('\n').filter((line) => /^(pass|fail|skip) {2}/.test(line))).toHaveLength(NAMES.length);
});
