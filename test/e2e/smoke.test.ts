import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ran } from '../support/lwi.ts';
import { openTokens, shownIn } from '../support/planted.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startListen } from '../support/serving.ts';
import { ageTokens, queryStore } from '../support/store-file.ts';
import { OF_THE_FILE, ON_POSTGRES } from '../support/store-place.ts';
import { readXml } from '../support/xml.ts';

/** The secret under which the mock signs for Slack. */
const SIGNING = 'lwi-demo-signing-secret';
const WRONG_SIGNING = 'planted-wrong-signing-secret-81';

/** What has happened once is still so in the next run. */
const AGAIN = 'the same again';

interface Check {
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly code?: string;
  readonly evidence?: string;
  readonly reason?: string;
  readonly next?: string;
  readonly provider?: string;
  readonly account?: string;
  readonly env?: string;
  readonly durationMs: number;
}

const checksOf = ({ stdout }: Ran) => (JSON.parse(stdout) as { checks: Check[] }).checks;
/** What is red, as `name CODE`. */
const redOf = (ran: Ran) =>
  checksOf(ran).flatMap(({ name, outcome, code }) => (outcome === 'fail' ? [`${name} ${code ?? ''}`.trim()] : []));
const find = (ran: Ran, name: string) => checksOf(ran).find((check) => check.name === name);

async function openSlack(): Promise<Scenario> {
  const lwi = await openScenario({ records: 3 });
  // One try: the faults are meant.
  lwi.config({ retry: { attempts: 1 } });
  await lwi.connect(['slack']);
  return lwi;
}

test('smoke turns red for each planted fault, and for that reason alone', { timeout: 60_000 }, async () => {
  const lwi = await openSlack();
  await lwi.run(['secret', 'set', 'slack', 'webhook-secret'], { stdin: SIGNING });
  const listening = await startListen(lwi, [], {});
  expect(await listening.deliver('slack', 'event=message')).toEqual([200]);
  listening.child.kill('SIGTERM');
  await listening.ended;
  await lwi.connect(['slack', '-a', 'narrow', '--scope', 'channels:read', 'users:read']);

  const junit = join(lwi.cwd, 'smoke.xml');
  const summary = lwi.write('summary.md', 'before\n');
  const github = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  const otherKey = Buffer.alloc(32, 7).toString('base64');
  const fault = (spec: string) => lwi.control(`faults?fault=${encodeURIComponent(spec)}`);
  const rows: readonly [
    name: string,
    red: readonly string[],
    plant: (() => Promise<unknown>) | undefined,
    env?: Record<string, string>,
    ...words: string[],
  ][] = [
    ['nothing', [], undefined],
    ['wrong key', ['key KEY_WRONG'], undefined, { LWI_ENCRYPTION_KEY: otherKey }],
    ['unwritable home', ['home STORE_READONLY'], undefined, { LWI_HOME: '/proc/lwi' }],
    ['clock 10 minutes ahead', ['clock-skew'], () => fault('skew=-600000:slack')],
    ['provider 500', ['api SERVER_ERROR'], () => fault('500:slack/auth.test'), github, '--junit', junit],
    ['missing scope', ['scopes FORBIDDEN'], () => lwi.control('faults'), {}, '-a', 'narrow'],
    ['wrong webhook secret', ['webhook UNVERIFIED'], undefined, { LWI_SLACK_WEBHOOK_SECRET: WRONG_SIGNING }],
    [
      'expired refresh token',
      ['token RECONNECT_REQUIRED'],
      async () => {
        ageTokens(lwi.home, 86_400_000);
        await lwi.control('revoke?provider=slack');
      },
    ],
    [AGAIN, ['token RECONNECT_REQUIRED'], undefined],
  ];
  const ran = new Map<string, Ran>();
  const smoke = async ([name, , plant, env = {}, ...words]: (typeof rows)[number]) => {
    await plant?.();
    ran.set(name, await lwi.run(['smoke', 'slack', '--json', ...words], { env }));
  };
  // Those for which nothing is changed at the mock or in the home need not wait for each other.
  await Promise.all(rows.filter(([name, , plant]) => plant === undefined && name !== AGAIN).map(smoke));
  for (const row of rows.filter(([name, , plant]) => plant !== undefined || name === AGAIN)) await smoke(row);
  const of = (name: string): Ran => ran.get(name) ?? { code: null, stdout: '', stderr: '' };

  expect(rows.map(([name]) => [name, of(name).code, redOf(of(name))])).toEqual(
    rows.map(([name, red]) => [name, red.length > 0 ? 8 : 0, red]),
  );
  expect(checksOf(of('nothing')).map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(
    ['config', 'home', 'key', 'database', 'connection', 'token', 'api', 'scopes', 'rate-headers', 'clock-skew']
      .concat('webhook')
      .map((name) => `${name} pass`),
  );
  expect(find(of('nothing'), 'api')).toMatchObject({ provider: 'slack', account: 'default', env: 'mock' });
  expect(find(of('nothing'), 'webhook')?.evidence).toMatch(
    /secret of the vault, .*; so does the delivery Ev\w+, .* ago$/,
  );
  expect(find(of('missing scope'), 'scopes')?.reason).toMatch(
    /^channels:history, groups:read, groups:history are miss/,
  );
  expect(find(of('wrong webhook secret'), 'webhook')?.reason).toMatch(
    /not with the secret of LWI_SLACK_WEBHOOK_SECRET, but with that of the vault\.$/,
  );
  expect(find(of('expired refresh token'), 'token')).toMatchObject({
    ...{ reason: expect.stringContaining('invalid'), next: 'Run `lwi connect slack --as bot --env mock -a default`.' },
  });
  expect(find(of('clock 10 minutes ahead'), 'clock-skew')?.reason).toMatch(/is (10m|9m 59s) ahead of Slack\.$/);
  expect(existsSync('/proc/lwi')).toBe(false);

  // The failing run wrote its file whole, annotated, and left stdout to the document.
  const suites = readXml(readFileSync(junit, 'utf8'));
  expect(suites.attributes).toMatchObject({ tests: '11', failures: '1', time: expect.stringMatching(/^\d+\.\d{3}$/) });
  const failures = suites.children.flatMap(({ children }) =>
    children.flatMap((each) =>
      each.children.filter(({ name }) => name === 'failure').map((failure) => ({ each, failure })),
    ),
  );
  expect(failures).toMatchObject([
    {
      each: { attributes: { classname: 'lwi.smoke.default.slack', name: 'api' } },
      failure: { attributes: { type: 'SERVER_ERROR' }, text: expect.stringMatching(/500.*\nnext: /) },
    },
  ]);
  expect(of('provider 500').stderr).toMatch(/^::error title=lwi smoke%3A slack api::Slack answered 500.*%0Anext: /m);
  expect(readFileSync(summary, 'utf8')).toMatch(
    /^before\n### lwi smoke: \d+ passed, 1 failed, .*\n[\s\S]*\| \*\*fail\*\* \| slack api \|/,
  );

  const shown = [...[...ran.values()].flatMap(({ stdout, stderr }) => [stdout, stderr])];
  shown.push(readFileSync(junit, 'utf8'), readFileSync(summary, 'utf8'));
  const planted = Object.fromEntries(
    [lwi.key, otherKey, SIGNING, WRONG_SIGNING, ...(await openTokens(lwi.home, lwi.key))].map((each, at) => [at, each]),
  );
  expect(shownIn(Buffer.from(shown.join('\n')), planted)).toEqual([]);
});

test('a home that is mounted for reading only is red, and nothing else is blamed', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const { ownFileSystem, makeReadOnly } = await import('../support/own-file-system.ts');
  const lwi = await openScenario();
  skip(!ownFileSystem(lwi.home, 8 * 1024 * 1024), 'no file system of its own can be mounted here');
  await lwi.json(['connect', 'mycarrierpackets']);
  makeReadOnly(lwi.home);
  const ran = await lwi.run(['smoke', '--json']);
  expect({ code: ran.code, red: redOf(ran) }).toEqual({ code: 8, red: ['home STORE_READONLY'] });
});

test('a database of 0 bytes is red here and for doctor, and neither makes a new one of it', async ({ skip }) => {
  if (ON_POSTGRES) skip(OF_THE_FILE);
  const lwi = await openScenario();
  mkdirSync(lwi.home, { mode: 0o700 });
  const file = join(lwi.home, 'lwi.db');
  writeFileSync(file, '', { mode: 0o600 });
  for (const words of [['smoke'], ['smoke', 'slack'], ['doctor', '--offline']]) {
    const ran = await lwi.runHere([...words, '--json']);
    expect([ran.code, ...redOf(ran)]).toEqual([8, 'database STORE_DAMAGED']);
    expect(find(ran, 'database')?.reason).toBe(
      `${file} is empty: either the command that made it was stopped, or all is lost.`,
    );
    expect(find(ran, 'key')?.outcome).toBe('skip');
  }
  expect(readdirSync(lwi.home)).toEqual(['lwi.db']);
  expect(statSync(file).size).toBe(0);
  // Where nothing was lost, it goes on.
  await lwi.prepare(['secret', 'set', 'slack', 'client-id'], { stdin: '1.2' });
  expect(redOf(await lwi.runHere(['smoke', '--json']))).toEqual(['connection NOT_CONNECTED']);
});

test('the deadline ends what hangs, and loses no token that is on its way', async () => {
  const lwi = await openSlack();
  await lwi.control('faults?fault=hang:slack/auth.test');
  const hung = await lwi.run(['smoke', 'slack', '--timeout', '1s', '--json']);
  expect({ code: hung.code, red: redOf(hung) }).toEqual({ code: 8, red: ['api TIMEOUT'] });
  expect(find(hung, 'webhook')).toMatchObject({ outcome: 'skip', reason: 'the 1s for all checks were over' });
  await lwi.control('faults?fault=latency=1500:slack/oauth.v2.access');
  ageTokens(lwi.home, 40_000_000);
  const slow = await lwi.run(['smoke', 'slack', '--timeout', '500ms', '--json']);
  expect(redOf(slow)).toEqual(['token TIMEOUT']);
  expect(slow.stderr).toContain('Waiting for the provider');
  const [row] = queryStore<{ count: number }>(lwi.home, 'SELECT refresh_count AS count FROM oauth_tokens');
  expect(row?.count).toBe(1);
});

test('without a connection smoke says what to run, and leaves nothing behind', async () => {
  const lwi = await openScenario();
  const ran = await lwi.run(['smoke'], { env: { COLUMNS: '80' } });
  expect(ran).toMatchObject({ code: 8, stderr: '' });
  expect(ran.stdout).toMatch(/^pass {2}config {6}no file /);
  expect(ran.stdout).toMatch(
    /\nfail {2}connection {2}Nothing is connected for account default here\. {2}next: Run `lwi connect <provider>`/,
  );
  expect(ran.stdout).toMatch(/\n\n4 passed, 1 failed in \d+ms\n$/);
  expect(readdirSync(lwi.home)).toEqual(['cache']);
});

test('what cannot be read is a red check; what cannot be meant is code 2', async () => {
  const lwi = await openScenario();
  lwi.config('{ "account" }');
  const broken = await lwi.run(['smoke', 'slack', '--json']);
  expect({ code: broken.code, red: redOf(broken) }).toEqual({ code: 8, red: ['config CONFIG_INVALID'] });
  // Requests would go elsewhere than this section says.
  lwi.config({ endpoints: { slak: { apiBaseUrl: 'https://api.acme.example' } } });
  const stray = await lwi.run(['smoke', 'slack', '--json']);
  expect({ code: stray.code, red: redOf(stray) }).toEqual({ code: 8, red: ['config CONFIG_INVALID'] });
  lwi.config({});
  const words = [
    ['slak'],
    ['--timeout', '0s'],
    ['--json', '--junit', '-'],
    ['--junit', join(lwi.cwd, 'no', 'a.xml')],
    ['--junit', ''],
  ];
  const ran = await Promise.all(words.map((each) => lwi.run(['smoke', ...each])));
  expect(ran.map(({ code, stdout }) => [code, stdout])).toEqual(words.map(() => [2, '']));
  expect(ran[0]?.stderr).toContain('slack');
});

test('a recorded smoke is the same again, with provider and home gone', async () => {
  const lwi = await openSlack();
  const file = join(lwi.cwd, 'smoke.har');
  await lwi.control('faults?fault=skew=-600000:slack');
  const first = await lwi.run(['smoke', '--json', '--record', file]);
  expect({ code: first.code, red: redOf(first) }).toEqual({ code: 8, red: ['clock-skew'] });
  await lwi.stopMock();
  rmSync(lwi.home, { recursive: true, force: true });
  const again = await lwi.run(['smoke', '--json', '--replay', file], { env: { LWI_ENCRYPTION_KEY: undefined } });
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 8, stdout: first.stdout });
});
