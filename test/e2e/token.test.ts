import { describe, expect, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';
import { ageTokens } from '../support/store-file.ts';

const HOUR_MS = 3_600_000;
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';

describe('token get', () => {
  test('prints the access token alone, and refreshes it first when it is due', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
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
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    const first = await lwi.run(['token', 'get', 'quickbooks']);
    await lwi.control('faults?fault=500:quickbooks/tokens');
    ageTokens(lwi.home, 0.85 * HOUR_MS);
    expect(await lwi.run(['token', 'get', 'quickbooks'])).toMatchObject({ code: 0, stdout: first.stdout });
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'due' }]);
  });
});

describe('token inspect and list', () => {
  test('say all about a token but the token', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
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
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    const expiresAt = expect.any(String);
    const of = { provider: 'quickbooks', account: 'default', expiresAt };
    expect(await lwi.json(['token', 'refresh', 'quickbooks'])).toEqual([{ ...of, outcome: 'fresh' }]);
    expect(await lwi.json(['token', 'refresh', '--all', '--force'])).toEqual([{ ...of, outcome: 'refreshed' }]);
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({ refreshCount: 1 });
  });

  test('two processes at once: one refreshes, the other joins it', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
    await lwi.control('faults?fault=latency=1500:quickbooks/tokens');
    const refresh = () => lwi.json(['token', 'refresh', 'quickbooks', '--force']) as Promise<[{ outcome: string }]>;
    const both = await Promise.all([refresh(), refresh()]);
    expect(both.map(([{ outcome }]) => outcome).sort()).toEqual(['joined', 'refreshed']);
  });

  test('a revoked grant is outcome reconnect and code 3; the row stays, and nothing is asked again', async () => {
    const lwi = await openScenario();
    await lwi.connect(['quickbooks']);
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
    await lwi.connect(['quickbooks']);
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'valid' }]);
  });

  test.each(['500', 'cut', 'html', 'lost'])(
    '%s at the token endpoint is code 5, and the connection lives',
    async (fault) => {
      const lwi = await openScenario();
      await lwi.connect(['quickbooks']);
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
    const lwi = await openScenario();
    expect((await lwi.run(['token', 'refresh'])).code).toBe(2);
    expect((await lwi.run(['token', 'refresh', 'quickbooks', '--all'])).code).toBe(2);
  });
});

test('twenty processes that need the same token at once cause one request, and all get its result', async () => {
  // Every old refresh token that came back would end the grant.
  const lwi = await openScenario({ rotateAlways: true });
  await lwi.connect(['quickbooks']);
  const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
  ageTokens(lwi.home, 2 * HOUR_MS);
  await lwi.control('expire?provider=quickbooks');
  await lwi.control('faults?fault=latency=500:quickbooks/tokens');
  const all = await Promise.all(Array.from({ length: 20 }, () => lwi.run(['token', 'get', 'quickbooks'])));
  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(20).fill({ code: 0, stderr: '' }));
  const tokens = new Set(all.map(({ stdout }) => stdout));
  expect(tokens.size).toBe(1);
  expect(tokens).not.toContain(before);
  expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(2);
  expect((await lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item'])).code).toBe(0);
});
