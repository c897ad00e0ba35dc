import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, inThisProcess, openScenario } from '../support/scenario.ts';

const ACME = {
  id: 'acme',
  title: 'Acme',
  api: { baseUrl: 'https://api.acme.example/v1' },
  streams: [{ name: 'items', path: '/items' }],
};

describe('provider', () => {
  test('list and show say what is known of each, in text and JSON', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.json(['provider', 'list'])).toMatchObject([
      { id: 'quickbooks', source: 'built in', grant: 'authorization_code', webhook: 'intuit' },
      { id: 'slack', source: 'built in', grant: 'authorization_code', webhook: 'slack' },
      { id: 'mycarrierpackets', source: 'built in', grant: 'password', webhook: 'mycarrierpackets' },
    ]);
    expect(await lwi.json(['provider', 'show', 'quickbooks'])).toMatchObject({
      ...{
        id: 'quickbooks',
        pkce: true,
        scopes: ['com.intuit.quickbooks.accounting'],
        httpsRedirectOnlyIn: ['production'],
      },
      webhook: { delivery: { answerWithinMs: 3000, retriesForMs: 'unlimited' } },
      sync: { advice: 'both', because: expect.stringMatching(/\.$/), matrix: Array(8).fill(expect.anything()) },
    });
    for (const words of [['list'], ['show', 'slack'], ['show', 'mycarrierpackets']]) {
      expect(await lwi.run(['provider', ...words])).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test('add keeps a definition in the config, from a file or from stdin', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.json(['provider', 'add', '--file', lwi.write('acme.json', ACME)]);
    await lwi.json(['provider', 'add', '--file', '-'], { stdin: JSON.stringify({ ...ACME, id: 'acme-two' }) });
    const list = (await lwi.json(['provider', 'list'])) as { id: string; source: string }[];
    expect(list.filter(({ source }) => source === 'config').map(({ id }) => id)).toEqual(['acme', 'acme-two']);
    expect(await lwi.json(['provider', 'show', 'acme'])).toMatchObject({
      title: 'Acme',
      entities: [{ name: 'items' }],
      sync: { advice: 'polling' },
    });
  });

  test.each([
    ['with an unknown key', { ...ACME, oath: {} }, /oath: unknown key/],
    [
      'over plain http',
      { ...ACME, api: { baseUrl: 'http://api.acme.example' } },
      /api\.baseUrl: expected an https URL/,
    ],
    ['that is no JSON', '{"id": acme}', /line 1, column 8/],
  ])('add refuses a definition %s with code 2 and its path', async (_, content, message) => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['provider', 'add', '--file', lwi.write('acme.json', content), '--json']);
    const { exit, stdout, error } = failureOf(ran);
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code: 'CONFIG_INVALID' });
    expect(error['message']).toMatch(message);
    expect(existsSync(join(lwi.home, 'config.json'))).toBe(false);
  });

  test('add does not replace another provider unless told to', async () => {
    const lwi = inThisProcess(await openScenario());
    const add = (definition: object, ...words: string[]) =>
      lwi.run(['provider', 'add', '--file', lwi.write('acme.json', definition), ...words]);
    expect((await add(ACME)).code).toBe(0);
    expect((await add({ ...ACME, title: 'Other' })).code).toBe(2);
    expect((await add({ ...ACME, id: 'slack' })).code).toBe(2);
    expect((await add({ ...ACME, title: 'Other' }, '--replace')).code).toBe(0);
    expect(await lwi.json(['provider', 'show', 'acme'])).toMatchObject({ title: 'Other' });
  });
});

describe('secret', () => {
  test('set takes the value from stdin; list shows names and fingerprints; remove forgets', async () => {
    const lwi = inThisProcess(await openScenario());
    const kept = { provider: 'slack', account: 'default', name: 'webhook-secret', fingerprint: '2bb80d537b1d' };
    expect(await lwi.json(['secret', 'set', 'slack', 'webhook-secret'], { stdin: 'secret\n' })).toEqual(kept);
    expect(await lwi.json(['secret', 'list'])).toEqual([{ ...kept, updatedAt: expect.any(String) }]);
    expect(await lwi.json(['secret', 'list', 'quickbooks'])).toEqual([]);
    expect(await lwi.json(['secret', 'remove', 'slack', 'webhook-secret'])).toMatchObject({ removed: true });
    expect(await lwi.json(['secret', 'list'])).toEqual([]);
    expect((await lwi.run(['secret', 'remove', 'slack', 'webhook-secret'])).code).toBe(2);
  });

  test.each([
    ['a name that is none', ['slack', 'wehbook-secret'], 'secret'],
    ['no value', ['slack', 'webhook-secret'], ''],
    ['an unknown provider', ['slak', 'webhook-secret'], 'secret'],
    ['a value in the arguments', ['slack', 'webhook-secret', 'secret'], ''],
  ])('set with %s is code 2 and keeps nothing', async (_, words, stdin) => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.run(['secret', 'set', ...words], { stdin })).toMatchObject({ code: 2, stdout: '' });
    expect(await lwi.json(['secret', 'list'])).toEqual([]);
  });
});
