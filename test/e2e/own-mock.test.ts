import { expect, test } from 'vitest';
import { approveDevice } from '../../src/mock/approve.ts';
import type { ProviderFile } from '../../src/providers/generic/definition.ts';
import { DEVICE_TO_APPROVE } from '../support/address-to-approve.ts';
import { documentOf, failureOf, openScenario, type Scenario } from '../support/scenario.ts';

const ACME: ProviderFile = {
  ...{ id: 'acme', title: 'Acme' },
  oauth: {
    ...{ issuer: 'https://id.acme.example', scopes: ['openid', 'loads'], clientAuthentication: 'basic' },
    externalId: { from: 'idToken', name: 'org.id' },
  },
  api: { baseUrl: 'https://api.acme.example/v1', probe: '/me', requestIdHeader: 'X-Acme-Request' },
  limits: [{ name: 'minute', permits: 100, perMs: 60_000, burst: 100, concurrency: 4 }],
  streams: [
    {
      ...{ name: 'loads', path: '/companies/{externalId}/loads?kind=all', items: 'data', updatedAt: 'updated_at' },
      ...{ deleted: 'deleted_at', columns: { lane: 'lane', owner_email: 'owner.email' } },
      since: { parameter: 'updated_after', format: 'iso' },
      page: { type: 'cursor', parameter: 'after', next: 'meta.next', sizeParameter: 'limit', size: 10 },
    },
    { name: 'carriers', path: '/carriers', page: { type: 'link', sizeParameter: 'per_page', size: 20 } },
  ],
  webhook: {
    ...{ header: 'x-acme-signature', prefix: 'sha256=', timestampHeader: 'x-acme-timestamp' },
    ...{ signed: '{timestamp}.{body}', idHeader: 'x-acme-event', typeHeader: 'x-acme-type' },
  },
};

/** A scenario with the definition added, and its mock. */
async function atMock(definition: ProviderFile): Promise<{ lwi: Scenario; url: string }> {
  const lwi = await openScenario({ definitions: [definition], records: 25 });
  await lwi.json(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  return { lwi, url: lwi.mockUrl };
}

const lever = async (url: string, path: string) =>
  (await (await fetch(`${url}/_mock/${path}`, { method: 'POST' })).json()) as Record<string, unknown>;

test('a provider of the user’s own is tried at a mock made of its definition, from connect to disconnect', async () => {
  const { lwi, url } = await atMock(ACME);
  expect(documentOf(await lwi.connect(['acme', '--json'], { company: 1 }))).toMatchObject({
    ...{ provider: 'acme', env: 'mock', externalId: '7000002', scopes: ['openid', 'loads'] },
  });
  expect(await lwi.json(['sync', 'acme'])).toMatchObject({
    entities: [
      { entity: 'loads', upserted: 25, pages: 3 },
      { entity: 'carriers', upserted: 25, pages: 2 },
    ],
  });
  await lever(url, 'acme/touch?stream=loads&tenant=7000002&count=2');
  await lever(url, 'acme/delete?stream=loads&tenant=7000002&id=1009');
  expect(await lwi.json(['sync', 'acme', '--entity', 'loads'])).toMatchObject({
    entities: [{ entity: 'loads', upserted: 2, deleted: 1, pages: 1 }],
  });
  expect(await lwi.json(['records', 'get', 'acme', 'loads', '1001'])).toMatchObject({
    data: {
      id: '1001',
      lane: expect.stringMatching(/ to /),
      owner: { email: expect.stringMatching(/@example\.com$/) },
    },
  });

  await lever(url, 'expire?provider=acme');
  expect((await lwi.run(['api', 'acme', '/carriers', '--paginate'])).stdout).toContain('"id":"1025"');
  expect(await lwi.json(['token', 'refresh', 'acme', '--force'])).toMatchObject([{ outcome: 'refreshed' }]);
  expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
  expect((await fetch(`${url}/acme/api/v1/me`)).headers.get('www-authenticate')).toBe('Bearer');
});

test('lwi mock serves the providers of the config, and names them where there is no such one', async () => {
  const { lwi } = await atMock(ACME);
  const mock = lwi.start(['mock', 'acme', '--port', '0', '--json']);
  const [, url = ''] = await mock.said(/"url":"([^"]+)"/);
  expect((await fetch(`${url}/acme/oauth/.well-known/openid-configuration`)).status).toBe(200);
  expect((await fetch(`${url}/acme/api/v1/me`)).headers.get('www-authenticate')).toBe('Bearer');
  mock.child.kill('SIGINT');
  expect(await mock.ended).toMatchObject({ code: 130 });
  expect(await lwi.run(['mock', 'acmee'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('mycarrierpackets, acme'),
  });
});

test('a webhook of its mock verifies, and so does one that is triggered', async () => {
  const { lwi, url } = await atMock(ACME);
  const secret = { LWI_ACME_WEBHOOK_SECRET: 'lwi-demo-webhook-secret-of-acme' };
  const listen = lwi.start(['webhook', 'listen', '--port', '0', '--json'], { env: secret });
  const [, receiver = ''] = await listen.said(/"url":"([^"]+)"/);
  const to = encodeURIComponent(`${receiver}/webhooks/acme`);
  expect(await lever(url, `acme/webhook?to=${to}&event=load.delivered&times=2`)).toMatchObject({ status: 200 });
  await listen.said(/"type":"load\.delivered"|load\.delivered/);
  expect(
    await lwi.json(['webhook', 'trigger', 'acme', 'load.booked', '--to', `${receiver}/webhooks/acme`], { env: secret }),
  ).toBeTruthy();
  listen.child.kill('SIGINT');
  expect(await listen.ended).toMatchObject({ code: 130 });
});

test.each([
  ['approves', {}],
  ['denies', { deny: true }],
])('a code on a device waits until somebody %s', async (_, choice) => {
  const oauth = { ...ACME.oauth, grant: 'device_code', clientAuthentication: 'none' } as const;
  const { lwi } = await atMock({ ...ACME, oauth });
  const running = lwi.start(['connect', 'acme', '--json', '--no-browser']);
  const [, page = '', code = ''] = await running.said(DEVICE_TO_APPROVE);
  const typed = code.toLowerCase().replace('-', ' ');
  expect((await fetch(page)).status).toBe(200);
  expect((await fetch(`${page}?user_code=ZZZZ-ZZZZ`)).status).toBe(400);
  await approveDevice(`${page}?user_code=${encodeURIComponent(typed)}`, choice);
  const ran = await running.ended;
  if ('deny' in choice) expect(failureOf(ran)).toMatchObject({ exit: 3 });
  else expect(documentOf(ran)).toMatchObject({ env: 'mock', externalId: '7000001' });
});

test('client credentials and a password need no page, and limits and dead tokens are told as the RFCs say', async () => {
  const oauth = {
    tokenEndpoint: 'https://id.acme.example/token',
    externalId: { from: 'token', name: 'company.id' },
  } as const;
  const limits = [{ permits: 2, perMs: 60_000 }];
  for (const grant of ['client_credentials', 'password'] as const) {
    const { lwi, url } = await atMock({ ...ACME, oauth: { ...oauth, grant }, limits });
    expect(await lwi.json(['connect', 'acme'])).toMatchObject({ externalId: '7000001' });
    expect(await lwi.json(['token', 'refresh', 'acme', '--force'])).toMatchObject([{ outcome: 'refreshed' }]);
    const token = (await lwi.run(['token', 'get', 'acme'])).stdout.trim();
    const ask = (bearer: string) =>
      fetch(`${url}/acme/api/v1/carriers`, { headers: { authorization: `Bearer ${bearer}` } });
    const answers = [await ask(token), await ask(token), await ask(token)].map(({ status, headers }) => [
      status,
      headers.get('retry-after'),
    ]);
    expect(answers.filter(([status]) => status === 429)).toContainEqual([429, expect.stringMatching(/^\d{1,2}$/)]);
    const denied = await ask('made-up');
    expect([denied.status, denied.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Bearer error="invalid_token"'),
    ]);
    expect(denied.headers.get('x-acme-request')).toMatch(/^\S+$/);
  }
});
