import { describe, expect, test } from 'vitest';
import { oddServer } from '../support/odd-server.ts';
import { documentOf, failureOf, inThisProcess, openScenario } from '../support/scenario.ts';

describe('app credentials', () => {
  test('that are missing are code 2, naming the variables; nobody is asked', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['connect', 'quickbooks', '--env', 'sandbox', '--no-input', '--json']);
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code: 'CREDENTIALS_MISSING' });
    expect(error['message']).toContain('LWI_QUICKBOOKS_CLIENT_ID and LWI_QUICKBOOKS_CLIENT_SECRET');
  });

  test('half of them is not completed from elsewhere', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['connect', 'quickbooks', '--json'], { env: { LWI_QUICKBOOKS_CLIENT_ID: 'app' } });
    const error = { code: 'CREDENTIALS_MISSING', message: expect.stringContaining('LWI_QUICKBOOKS_CLIENT_SECRET') };
    expect(failureOf(ran)).toMatchObject({ exit: 2, error });
  });

  test.each(['quickbooks', 'slack'])('a wrong client secret at %s is code 3', async (provider) => {
    const lwi = inThisProcess(await openScenario());
    const name = `LWI_${provider.toUpperCase()}`;
    const env = { [`${name}_CLIENT_ID`]: 'app', [`${name}_CLIENT_SECRET`]: 'wrong-secret' };
    const ran = await lwi.connect([provider, '--json'], { env });
    expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'CLIENT_REJECTED', provider } });
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('those in the vault are used, and a variable goes before them', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.json(['secret', 'set', 'quickbooks', 'client-id'], { stdin: 'app\n' });
    await lwi.json(['secret', 'set', 'quickbooks', 'client-secret'], { stdin: 'app-secret\n' });
    expect((await lwi.connect(['quickbooks'])).code).toBe(0);
    expect(await lwi.json(['token', 'inspect', 'quickbooks'])).toMatchObject({
      credentialsSource: 'vault (client-id)',
    });
    const env = { LWI_QUICKBOOKS_CLIENT_ID: 'other', LWI_QUICKBOOKS_CLIENT_SECRET: 'wrong-secret' };
    expect(failureOf(await lwi.connect(['quickbooks', '--json'], { env }))).toMatchObject({ exit: 3 });
  });
});

describe('MyCarrierPackets', () => {
  test('connects with the password of its integration user', async () => {
    const lwi = inThisProcess(await openScenario());
    const env = { LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com', LWI_MYCARRIERPACKETS_PASSWORD: 'right' };
    const connected = await lwi.json(['connect', 'mycarrierpackets'], { env });
    expect(connected).toMatchObject({ provider: 'mycarrierpackets', externalId: 'broker@example.com', scopes: [] });
  });

  test('a wrong password is code 3', async () => {
    const lwi = inThisProcess(await openScenario());
    const env = { LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com', LWI_MYCARRIERPACKETS_PASSWORD: 'wrong' };
    const ran = await lwi.run(['connect', 'mycarrierpackets', '--json'], { env });
    expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'LOGIN_REJECTED' } });
  });

  test('a missing password is code 2 where nobody can be asked', async () => {
    const lwi = inThisProcess(await openScenario());
    const env = { LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com' };
    const ran = await lwi.run(['connect', 'mycarrierpackets', '--no-input', '--json'], { env });
    expect(failureOf(ran)).toMatchObject({
      exit: 2,
      stdout: '',
      error: { hint: expect.stringContaining('LWI_MYCARRIERPACKETS_') },
    });
  });
});

describe('Slack', () => {
  test('--as user asks for user scopes with PKCE, and needs no client secret', async () => {
    const lwi = inThisProcess(await openScenario());
    const env = { LWI_SLACK_CLIENT_ID: 'public-app' };
    const running = await lwi.startConnect(['slack', '--as', 'user', '--timeout', '1'], { env });
    const address = new URL(running.address);
    expect(address.pathname).toBe('/slack/oauth/v2_user/authorize');
    expect(address.searchParams.get('code_challenge_method')).toBe('S256');
    await running.ended;
    const connected = documentOf(await lwi.connect(['slack', '--as', 'user', '--json'], { env }));
    expect(connected).toMatchObject({ provider: 'slack', externalId: 'T00000001' });
    expect(await lwi.json(['token', 'inspect', 'slack'])).toMatchObject({
      variant: 'user',
      externalUserId: 'U00000001',
    });
    expect(await lwi.json(['token', 'refresh', 'slack', '--force'], { env })).toMatchObject([{ outcome: 'refreshed' }]);
  });

  test('a token made elsewhere is taken from stdin or from LWI_SLACK_TOKEN, and tried before it is kept', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connect(['slack']);
    const token = (await lwi.run(['token', 'get', 'slack'])).stdout;
    const kept = { provider: 'slack', env: 'mock', externalId: 'T00000001', externalName: 'Laneweaver Dispatch' };
    const words = ['connect', 'slack', '--with-token'];
    expect(await lwi.json([...words, '-a', 'stdin'], { stdin: token })).toMatchObject({ ...kept, account: 'stdin' });
    const env = { LWI_SLACK_TOKEN: token.trim() };
    expect(await lwi.json([...words, '-a', 'variable'], { env })).toMatchObject({ ...kept, account: 'variable' });
    expect((await lwi.run(['token', 'get', 'slack', '-a', 'variable'])).stdout).toBe(token);
  });

  test.each([
    ['of another kind', 'ghp_0123456789', 2, 'INPUT_INVALID'],
    ['that Slack does not know', 'xoxb-0-unknown', 3, 'RECONNECT_REQUIRED'],
    ['of no length', '', 2, 'INPUT_NEEDED'],
  ])('a token %s is refused and not kept', async (_, stdin, exit, code) => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['connect', 'slack', '--with-token', '--json'], { stdin });
    expect(failureOf(ran)).toMatchObject({ exit, stdout: '', error: { code } });
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('a provider that answers the probe with HTML is code 5, and the token is not kept', async () => {
    const odd = await oddServer(() => ({ html: '<h1>Sign in to the WiFi</h1>' }));
    const lwi = inThisProcess(await openScenario());
    lwi.config({ endpoints: { slack: { apiBaseUrl: odd.url } } });
    const env = { LWI_ENV: 'production' };
    const ran = await lwi.run(['connect', 'slack', '--with-token', '--json'], { env, stdin: 'xoxb-1-a' });
    expect(failureOf(ran)).toMatchObject({ exit: 5, stdout: '', error: { code: 'BAD_RESPONSE' } });
    expect(await lwi.json(['status'])).toEqual([]);
  });
});
