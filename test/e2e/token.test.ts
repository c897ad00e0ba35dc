import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { failureOf, inThisProcess, openScenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { ageTokens, changeStore, endLeases, tokenSpan, tokenTime } from '../support/store-file.ts';
import { ON_POSTGRES } from '../support/store-place.ts';
import { thorough } from '../support/thorough.ts';

const HOUR_MS = 3_600_000;
/** On PostgreSQL sixty of several hosts do it in a test of the system. */
const MANY = ON_POSTGRES ? thorough(10, 50) : 50;
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';

describe('token get', () => {
  test('prints the access token alone, and refreshes it first when it is due', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const first = await lwi.run(['token', 'get', 'quickbooks']);
    expect(first).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/), stderr: '' });
    expect((await lwi.run(['token', 'get', 'quickbooks'])).stdout).toBe(first.stdout);
    ageTokens(lwi.home, 0.85 * HOUR_MS);
    const second = await lwi.run(['token', 'get', 'quickbooks']);
    expect(second).toEqual({ code: 0, stdout: expect.stringMatching(/^\S+\n$/), stderr: '' });
    expect(second.stdout).not.toBe(first.stdout);
    expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(2);
  });

  test('goes on with the old token while it lives and the token endpoint does not answer', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const first = await lwi.run(['token', 'get', 'quickbooks']);
    await lwi.control('faults?fault=500:quickbooks/tokens');
    ageTokens(lwi.home, 0.85 * HOUR_MS);
    expect(await lwi.run(['token', 'get', 'quickbooks'])).toMatchObject({ code: 0, stdout: first.stdout });
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'due' }]);
  });
});

describe('token inspect and list', () => {
  test('say all about a token but the token', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const token = (await lwi.run(['token', 'get', 'quickbooks'])).stdout.trim();
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({
      ...{ provider: 'quickbooks', account: 'default', env: 'mock', health: 'valid', refreshCount: 0 },
      ...{
        externalId: '9130000000000001',
        keySource: 'LWI_ENCRYPTION_KEY',
        credentialsSource: 'kept with the connection',
      },
      ...{ scopes: ['com.intuit.quickbooks.accounting'], fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/) },
    });
    const shown = await Promise.all(
      [['inspect', 'quickbooks'], ['inspect', 'quickbooks', '--json'], ['list'], ['list', '--json']].map((words) =>
        lwi.run(['token', ...words]),
      ),
    );
    expect(shown.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(shown.map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain(token);
  });
});

describe('token refresh', () => {
  test('leaves a fresh token alone, and renews it when forced', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const expiresAt = expect.any(String);
    const of = { provider: 'quickbooks', account: 'default', expiresAt };
    expect(await lwi.json(['token', 'refresh', 'quickbooks'])).toEqual([{ ...of, outcome: 'fresh' }]);
    expect(await lwi.json(['token', 'refresh', '--all', '--force'])).toEqual([{ ...of, outcome: 'refreshed' }]);
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({ refreshCount: 1 });
  });

  test('two processes at once: one refreshes, the other joins it', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=latency=1500:quickbooks/tokens');
    const refresh = () => lwi.json(['token', 'refresh', 'quickbooks', '--force']) as Promise<[{ outcome: string }]>;
    const both = await Promise.all([refresh(), refresh()]);
    expect(both.map(([{ outcome }]) => outcome).sort()).toEqual(['joined', 'refreshed']);
  });

  test('a revoked grant is outcome reconnect and code 3; the row stays, and nothing is asked again', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    await lwi.control('revoke?provider=quickbooks');
    const ran = await lwi.run(['token', 'refresh', 'quickbooks', '--force', '--json']);
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, code: error['code'] }).toEqual({ exit: 3, code: 'RECONNECT_REQUIRED' });
    expect(JSON.parse(stdout)).toMatchObject([{ provider: 'quickbooks', outcome: 'reconnect' }]);
    expect(await lwi.json(['status'])).toMatchObject([{ provider: 'quickbooks', health: 'reconnect' }]);
    const asked = (await lwi.requests())[TOKEN_ENDPOINT];
    const get = failureOf(await lwi.run(['token', 'get', 'quickbooks', '--json']));
    expect(get).toMatchObject({ exit: 3, stdout: '', error: { code: 'RECONNECT_REQUIRED', account: 'default' } });
    expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(asked);
    await lwi.connected(['quickbooks']);
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'valid' }]);
  });

  test.each(['500', 'cut', 'html', 'lost'])(
    '%s at the token endpoint is code 5, and the connection lives',
    async (fault) => {
      const lwi = inThisProcess(await openScenario());
      await lwi.connected(['quickbooks']);
      ageTokens(lwi.home, 2 * HOUR_MS);
      await lwi.control(`faults?fault=${fault}:quickbooks/tokens`);
      const ran = await lwi.run(['token', 'get', 'quickbooks', '--json']);
      expect(failureOf(ran)).toMatchObject({ exit: 5, stdout: '', error: { retryable: true, provider: 'quickbooks' } });
      expect(await lwi.json(['status'])).toMatchObject([{ health: 'expired' }]);
      await lwi.control('faults');
      expect(await lwi.json(['token', 'refresh', 'quickbooks'])).toMatchObject([{ outcome: 'refreshed' }]);
    },
  );

  test('needs a provider or --all, and not both', async () => {
    const lwi = inThisProcess(await openScenario());
    expect((await lwi.run(['token', 'refresh'])).code).toBe(2);
    expect((await lwi.run(['token', 'refresh', 'quickbooks', '--all'])).code).toBe(2);
  });
});

test(`${MANY} processes that need the same token at once cause one request, and all get its result`, {
  timeout: 60_000,
}, async () => {
  // Every old refresh token that came back would end the grant.
  const lwi = await openScenario({ rotateAlways: true });
  await lwi.connected(['quickbooks']);
  const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
  ageTokens(lwi.home, 2 * HOUR_MS);
  await lwi.control('expire?provider=quickbooks');
  await lwi.control('faults?fault=latency=500:quickbooks/tokens');
  const all = await Promise.all(Array.from({ length: MANY }, () => lwi.run(['token', 'get', 'quickbooks'])));
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(MANY).fill({ code: 0, stderr: '' }));
  const tokens = new Set(all.map(({ stdout }) => stdout));
  expect(tokens.size).toBe(1);
  expect(tokens).not.toContain(before);
  expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(2);
  expect((await lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item'])).code).toBe(0);
});

describe('token refresh --all', () => {
  test('takes every account, or the one that is named', async () => {
    const lwi = inThisProcess(await openScenario());
    for (const account of ['north', 'south']) await lwi.connected(['mycarrierpackets', '-a', account]);
    await lwi.connected(['mycarrierpackets']);
    const accounts = async (words: string[], env = {}) =>
      ((await lwi.json(['token', 'refresh', '--all', ...words], { env })) as { account: string }[]).map(
        ({ account }) => account,
      );
    expect(await accounts([])).toEqual(['default', 'north', 'south']);
    expect(await accounts(['-a', 'north'])).toEqual(['north']);
    expect(await accounts([], { LWI_ACCOUNT: 'south' })).toEqual(['south']);
    expect(await accounts(['-a', 'nobody'])).toEqual([]);
    lwi.config({ account: 'south' });
    expect(await accounts([])).toEqual(['south']);
    expect(await accounts([], { LWI_ACCOUNT: 'north' })).toEqual(['north']);
    expect(await lwi.json(['token', 'list'])).toMatchObject([{ account: 'south' }]);
  });

  test('goes on after a failure; the document tells each, and one error line the worst', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['mycarrierpackets']);
    await lwi.connected(['quickbooks']);
    await lwi.connected(['slack', '-a', 'north']);
    await lwi.control('revoke?provider=slack');
    await lwi.control('faults?fault=503:quickbooks/tokens');
    const words = ['token', 'refresh', '--all', '--force'];
    const { code, stdout, stderr } = await lwi.run([...words, '--json']);
    const error = { code: 'SERVER_ERROR', statusCode: 503, provider: 'quickbooks', retryable: true };
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toEqual([
      { provider: 'mycarrierpackets', account: 'default', outcome: 'refreshed', expiresAt: expect.any(String) },
      { provider: 'quickbooks', account: 'default', outcome: 'failed', error: expect.objectContaining(error) },
      {
        ...{ provider: 'slack', account: 'north', outcome: 'reconnect' },
        error: expect.objectContaining({
          code: 'RECONNECT_REQUIRED',
          hint: 'Run `lwi connect slack --as bot --env mock -a north`.',
        }),
      },
    ]);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        error: expect.objectContaining({ ...error, message: expect.stringMatching(/ \(2 of 3 connections failed\)$/) }),
      },
    ]);
    const told = await lwi.run(words);
    expect(told.code).toBe(5);
    expect(told.stderr.match(/^error: /gm)).toHaveLength(2);
  });
});

describe('the end of a refresh token', () => {
  const day = 86_400_000;
  const in_ = (days: number) => systemClock.now() + days * day;

  test.each([
    ['nothing while it is far', [20, 2000], undefined],
    [
      'how to move a sliding end',
      [6.01, 2000],
      /its refresh token ends in 6d if it is not used: run `lwi token refresh /,
    ],
    [
      'to connect before a hard end',
      [101, 6.01],
      /ends for good in 6d, used or not: run `lwi connect quickbooks --env mock -a north` before\.$/,
    ],
    [
      'that a past end is only what was said',
      [-2, null],
      /ended 2d ago, by what the provider said; it is still tried, .* -a north`\.$/,
    ],
  ] as const)('status and inspect say %s', async (_, [sliding, hard], said) => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks', '-a', 'north']);
    const [refreshExpiresAt, hardAt] = [in_(sliding), hard === null ? null : in_(hard)];
    const [slidingEnds, hardEnds] = [refreshExpiresAt, hardAt].map((at) => tokenTime(lwi.home, at));
    changeStore(
      lwi.home,
      `UPDATE oauth_tokens SET refresh_expires_at = ${slidingEnds}, refresh_hard_expires_at = ${hardEnds}`,
    );
    const ends = {
      refreshExpiresAt: new Date(refreshExpiresAt).toISOString(),
      ...(hardAt === null ? {} : { refreshHardExpiresAt: new Date(hardAt).toISOString() }),
    };
    for (const words of [['status'], ['token', 'inspect', 'quickbooks', '-a', 'north']]) {
      const { code, stderr } = await lwi.run(words);
      expect(code).toBe(0);
      expect(stderr.trimEnd()).toMatch(said === undefined ? /^$/ : said);
      expect(stderr).toMatch(said === undefined ? /^$/ : /^warning: north\/quickbooks: /);
      const { json, stderr: none } = await lwi.run([...words, '--json']).then((ran) => ({
        ...{ json: [JSON.parse(ran.stdout)].flat(), stderr: ran.stderr },
      }));
      expect([json, none]).toMatchObject([[{ health: 'valid', ...ends }], '']);
    }
    // The provider has the last word.
    expect(await lwi.json(['token', 'refresh', 'quickbooks', '-a', 'north', '--force'])).toMatchObject([
      { outcome: 'refreshed' },
    ]);
  });
});

test('inspect tells of a refresh that never ended: who, when, what it means, and what happens next', async () => {
  const lwi = inThisProcess(await openScenario());
  await lwi.connected(['quickbooks']);
  await lwi.control('faults?fault=latency=20000:quickbooks/tokens');
  const killed = lwi.start(['token', 'refresh', 'quickbooks', '--force']);
  await spending(lwi);
  const inspect = async () => (await lwi.run(['token', 'inspect', 'quickbooks'])).stdout;
  expect(await inspect()).toMatch(/^refresh under way +begun .* by \d+@/m);
  killed.child.kill('SIGKILL');
  await killed.ended;
  await lwi.control('faults');
  const hour = tokenSpan(lwi.home, HOUR_MS);
  changeStore(lwi.home, `UPDATE oauth_tokens SET rotation_started_at = rotation_started_at - ${hour}`);
  expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({
    health: 'valid',
    rotation: { startedAt: expect.stringMatching(/^\d{4}-/), owner: expect.stringContaining(`${killed.child.pid}@`) },
  });
  const told = await inspect();
  expect(told).toMatch(
    /^unfinished refresh +begun 1h ago \(\d{4}-\S+\) by \d+@\S+ It was killed or its answer was lost/m,
  );
  expect(told).toContain('if it is refused run `lwi connect quickbooks --env mock -a default`');
  endLeases(lwi.home);
  await lwi.json(['token', 'refresh', 'quickbooks', '--force']);
  expect(await inspect()).not.toMatch(/unfinished|under way/);
});

test('inspect counts the failures in a row, and says what the last one was', async () => {
  const lwi = inThisProcess(await openScenario());
  await lwi.connected(['quickbooks']);
  await lwi.control('faults?fault=503:quickbooks/tokens');
  for (const _ of [1, 2]) await lwi.run(['token', 'refresh', 'quickbooks', '--force']);
  const detail = expect.stringContaining('answered 503');
  expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({
    lastRefresh: { outcome: 'failed', failures: 2, detail, at: expect.stringMatching(/Z$/) },
  });
  const { stdout } = await lwi.run(['token', 'inspect', 'quickbooks']);
  expect(stdout).toMatch(/^last refresh +failed .*\(2 failures in a row\): .*answered 503/m);
});
