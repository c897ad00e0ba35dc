import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { freePort, occupyPort } from '../support/free-port.ts';
import { documentOf, failureOf, openScenario, visit } from '../support/scenario.ts';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Status of a GET under another Host, as a browser would send it after a name was rebound to this machine. */
function statusUnderHost(address: string, host: string): Promise<number | undefined> {
  const { port, pathname, search } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: pathname + search, headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject).end();
  });
}

describe('connecting in a browser', () => {
  test('success is one JSON document with the fields of the contract, and a page that can be closed', async () => {
    const lwi = await openScenario();
    const ran = await lwi.connect(['quickbooks', '--json']);
    expect(documentOf(ran)).toEqual({
      provider: 'quickbooks',
      account: 'default',
      env: 'mock',
      externalId: '9130000000000001',
      externalName: 'Laneweaver Freight LLC',
      scopes: ['com.intuit.quickbooks.accounting'],
      expiresAt: ISO,
      refreshExpiresAt: ISO,
    });
    expect(ran.stdout).toMatch(/^\{.*\}\n$/);
    expect(ran.page).toContain('QuickBooks Online is connected to Laneweaver Freight LLC. You can close this page.');
  });

  test('what is not the awaited redirect is answered 4xx and does not end the wait', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks', '--json']);
    const good = await approve(running.address);
    const status = async (change: (url: URL) => void) => {
      const url = new URL(good);
      change(url);
      return (await visit(url.href)).status;
    };
    expect({
      'another path': await status((url) => Object.assign(url, { pathname: '/elsewhere' })),
      'the icon': await status((url) => Object.assign(url, { pathname: '/favicon.ico' })),
      'a wrong state': await status((url) => url.searchParams.set('state', 'wrong')),
      'no state': await status((url) => url.searchParams.delete('state')),
      'two states': await status((url) => url.searchParams.append('state', 'second')),
      'neither code nor error': await status((url) => url.searchParams.delete('code')),
      'a POST': (await fetch(good, { method: 'POST' })).status,
      'a foreign Host': await statusUnderHost(good, 'rebound.example'),
    }).toEqual({
      'another path': 404,
      'the icon': 404,
      'a wrong state': 400,
      'no state': 400,
      'two states': 400,
      'neither code nor error': 400,
      'a POST': 405,
      'a foreign Host': 421,
    });
    expect((await visit(good)).status).toBe(200);
    expect(documentOf(await running.ended)).toMatchObject({ externalId: '9130000000000001' });
  });

  test('a repeated redirect is refused, and the code is exchanged once', async () => {
    const lwi = await openScenario({ faults: ['latency=400:quickbooks/tokens'] });
    const running = await lwi.startConnect(['quickbooks']);
    const good = await approve(running.address);
    const both = await Promise.all([visit(good), visit(good)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await running.ended).code).toBe(0);
    expect((await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer']).toBe(1);
  });

  test('listens on loopback only, and the port is free again afterwards', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks']);
    await expect(occupyPort(running.port)).rejects.toThrow('EADDRINUSE');
    await visit(await approve(running.address));
    expect((await running.ended).code).toBe(0);
    const { server } = await occupyPort(running.port);
    server.close();
  });

  test("the person's refusal ends with code 3 at once, and the page says so", async () => {
    const lwi = await openScenario();
    const ran = await lwi.connect(['quickbooks', '--json'], { deny: true });
    expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'CONSENT_REFUSED' } });
    expect(ran.page).toContain('Not connected');
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('--timeout ends with code 3 when nobody comes', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['connect', 'slack', '--timeout', '1', '--port', String(await freePort()), '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'CONNECT_TIMEOUT' } });
  });

  test('SIGTERM ends the wait with code 143', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks']);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 143, stdout: '' });
  });

  test('a port in use is code 2 and named', async () => {
    const lwi = await openScenario();
    const { port, server } = await occupyPort();
    const ran = await lwi.run(['connect', 'quickbooks', '--port', String(port), '--json']);
    server.close();
    const error = { code: 'PORT_IN_USE', message: expect.stringContaining(String(port)) };
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error });
  });

  test('an https page of the person may relay the redirect to the listener', async () => {
    const lwi = await openScenario();
    const relay = 'https://relay.example/quickbooks';
    const running = await lwi.startConnect(['quickbooks', '--redirect-uri', relay, '--json']);
    const location = await approve(running.address);
    expect(location.startsWith(`${relay}?`)).toBe(true);
    const relayed = location.replace('https://relay.example', `http://127.0.0.1:${running.port}`);
    expect((await visit(relayed)).status).toBe(200);
    expect(documentOf(await running.ended)).toMatchObject({ externalId: '9130000000000001' });
  });

  test('the redirect URI comes from the flag, else the variable, else the config', async () => {
    const lwi = await openScenario();
    const asked = async (words: string[], env = {}) => {
      const running = await lwi.startConnect(['quickbooks', ...words], { env });
      running.child.kill('SIGTERM');
      await running.ended;
      return new URL(running.address).searchParams.get('redirect_uri');
    };
    const env = { LWI_QUICKBOOKS_REDIRECT_URI: 'https://variable.example/cb' };
    lwi.config({ redirectUris: { quickbooks: 'https://config.example/cb' } });
    expect(await asked([])).toBe('https://config.example/cb');
    expect(await asked([], env)).toBe('https://variable.example/cb');
    expect(await asked(['--redirect-uri', 'https://flag.example/cb'], env)).toBe('https://flag.example/cb');
  });

  test.each([
    ['quickbooks', []],
    ['slack', ['--as', 'bot']],
  ])('%s takes no loopback redirect in production: code 2, and what to do', async (provider, words) => {
    const lwi = await openScenario();
    const name = `LWI_${provider.toUpperCase()}`;
    const env = { [`${name}_CLIENT_ID`]: 'app', [`${name}_CLIENT_SECRET`]: 'app-secret' };
    const ran = await lwi.run(['connect', provider, ...words, '--env', 'production', '--json'], { env });
    const error = { code: 'REDIRECT_UNUSABLE', hint: expect.stringContaining('--redirect-uri'), provider };
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error });
  });
});
