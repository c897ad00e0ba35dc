import { approve } from '../../src/mock/approve.ts';
import { describe, expect, test } from 'vitest';
import { occupyPort } from '../support/free-port.ts';
import { documentOf, failureOf, openScenario, visit } from '../support/scenario.ts';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

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
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.page).toContain('QuickBooks Online is connected to Laneweaver Freight LLC. You can close this page.');
  });

  test('what is not the awaited redirect is answered 4xx and does not end the wait', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks', '--json']);
    const good = await approve(running.address);
    const at = (change: (url: URL) => void) => {
      const url = new URL(good);
      change(url);
      return url.href;
    };
    const foreignHost = await askAs('rebound.example', running.port, new URL(good));
    const answers = {
      'another path': (await visit(at((url) => { url.pathname = '/elsewhere'; }))).status,
      'the root, as for a favicon': (await visit(at((url) => { url.pathname = '/favicon.ico'; }))).status,
      'a wrong state': (await visit(at((url) => url.searchParams.set('state', 'wrong')))).status,
      'no state': (await visit(at((url) => url.searchParams.delete('state')))).status,
      'two states': (await visit(at((url) => url.searchParams.append('state', 'second')))).status,
      'neither code nor error': (await visit(at((url) => url.searchParams.delete('code')))).status,
      'a POST': (await fetch(good, { method: 'POST' })).status,
      'a foreign Host': foreignHost,
    };
    expect(answers).toEqual({
      'another path': 404,
      'the root, as for a favicon': 404,
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

  test('a repeated redirect is refused and the code is exchanged once', async () => {
    const lwi = await openScenario({ faults: ['latency=300:quickbooks/oauth2'] });
    const running = await lwi.startConnect(['quickbooks', '--json']);
    const good = await approve(running.address);
    const both = await Promise.all([visit(good), visit(good)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await running.ended).code).toBe(0);
    expect((await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer']).toBe(1);
  });

  test('the port is free again afterwards', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks']);
    await visit(await approve(running.address));
    expect((await running.ended).code).toBe(0);
    const { server } = await occupyPort(running.port);
    server.close();
  });

  test("the person's refusal ends with code 3 at once, and the page says so", async () => {
    const lwi = await openScenario();
    const ran = await lwi.connect(['quickbooks', '--json'], { deny: true });
    expect(failureOf(ran)).toMatchObject({ exit: 3, stdout: '', error: { code: 'CONSENT_REFUSED', provider: 'quickbooks' } });
    expect(ran.page).toContain('Not connected');
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('--timeout ends with code 3', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['connect', 'slack', '--timeout', '1', '--port', String((await lwi.startConnect(['slack', '--timeout', '1'])).port + 1), '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 3, error: { code: 'CONNECT_TIMEOUT' } });
  });

  test('a port in use is code 2 and says so', async () => {
    const lwi = await openScenario();
    const { port, server } = await occupyPort();
    const ran = await lwi.run(['connect', 'quickbooks', '--port', String(port), '--json']);
    server.close();
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'PORT_IN_USE', message: expect.stringContaining(String(port)) } });
  });
});
