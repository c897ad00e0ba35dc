import { describe, expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { type OAuthServer, startOAuthServer } from '../support/oauth-server.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { documentOf, failureOf, openScenario, type Scenario, visit, withEnvironment } from '../support/scenario.ts';
import { queryStore, recordIds } from '../support/store-file.ts';

const PAGE = 10;

/** An API behind the server's tokens: 25 rows, pages of ten with a cursor, and a filter by time of change. */
function answerApi({ tokens }: OAuthServer, { path, query, headers }: Received): Answer {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
  if (!tokens.has(bearer)) return { status: 401, json: { error: 'invalid_token' } };
  if (path !== '/v1/items') return { json: { path } };
  const all = Array.from({ length: 25 }, (_, index) => ({
    ...{
      id: index + 1,
      updated_at: `2026-01-${String(index + 1).padStart(2, '0')}T00:00:00Z`,
      is_deleted: index === 24,
    },
  }));
  const after = query.get('updated_after') ?? '';
  const rows = all.filter(({ updated_at }) => after === '' || Date.parse(updated_at) >= Date.parse(after));
  const from = Number(query.get('cursor') ?? 0);
  const next = from + PAGE < rows.length ? String(from + PAGE) : null;
  return { json: { data: rows.slice(from, from + PAGE), meta: { next_cursor: next } } };
}

const STREAM = {
  ...{ name: 'items', path: '/items', items: 'data', id: 'id', updatedAt: 'updated_at', deleted: 'is_deleted' },
  since: { parameter: 'updated_after', format: 'iso' },
  page: { type: 'cursor', parameter: 'cursor', next: 'meta.next_cursor' },
};

const ENV = { LWI_ENV: undefined, LWI_ACME_CLIENT_ID: 'acme-app', LWI_ACME_CLIENT_SECRET: 'a secret: with + and /' };
const BASIC = `Basic ${Buffer.from('acme-app:a+secret%3A+with+%2B+and+%2F').toString('base64')}`;

/** A scenario with the provider `acme` added, at a server that nobody here wrote. */
async function openAcme(
  oauth: (issuer: string) => object,
): Promise<{ lwi: Scenario; server: OAuthServer; api: { url: string; received: Received[] } }> {
  const server = await startOAuthServer();
  const api = await oddServer((request) => answerApi(server, request));
  const lwi = await openScenario();
  const definition = {
    id: 'acme',
    title: 'Acme',
    oauth: oauth(server.issuer),
    api: { baseUrl: `${api.url}/v1` },
    streams: [STREAM],
  };
  const scenario = withEnvironment(lwi, ENV);
  await scenario.prepare(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  return { lwi: scenario, server, api };
}

const discovered = (issuer: string) => ({
  issuer,
  scopes: ['read', 'write'],
  externalId: { from: 'idToken', name: 'sub' },
});
const explicit = (issuer: string) => ({
  ...{
    authorizationEndpoint: `${issuer}/authorize`,
    tokenEndpoint: `${issuer}/token`,
    revocationEndpoint: `${issuer}/revoke`,
  },
  ...{ scopes: ['read', 'write'], clientAuthentication: 'body', authorizationParameters: { prompt: 'consent' } },
});

describe.each([
  ['found from its issuer', discovered, { authorization: BASIC }],
  ['with endpoints written out', explicit, { authorization: undefined }],
])('a provider in JSON %s', (_, oauth, sent) => {
  test('connects with PKCE, refreshes, calls its API and syncs it page by page', async () => {
    const { lwi, server, api } = await openAcme(oauth);
    const connected = documentOf(await lwi.connect(['acme', '--json']));
    expect(connected).toMatchObject({
      provider: 'acme',
      account: 'default',
      env: 'production',
      expiresAt: expect.any(String),
    });
    expect(server.asked[0]).toMatchObject({
      ...sent,
      form: { grant_type: 'authorization_code', code_verifier: expect.any(String) },
    });
    const first = (await lwi.run(['token', 'get', 'acme'])).stdout;
    expect(await lwi.json(['token', 'refresh', 'acme', '--force'])).toMatchObject([{ outcome: 'refreshed' }]);
    expect(server.asked[1]).toMatchObject({ ...sent, form: { grant_type: 'refresh_token' } });
    expect((await lwi.run(['token', 'get', 'acme'])).stdout).not.toBe(first);
    expect(JSON.parse((await lwi.run(['api', 'acme', '/me?full=1'])).stdout)).toEqual({ path: '/v1/me' });

    expect(await lwi.json(['sync', 'acme'])).toMatchObject({
      entities: [{ entity: 'items', upserted: 24, deleted: 1, pages: 3 }],
    });
    expect(recordIds(lwi.home, 'items')).toHaveLength(24);
    expect(queryStore(lwi.home, 'SELECT id FROM records WHERE deleted = 1')).toEqual([{ id: '25' }]);
    api.received.length = 0;
    expect(await lwi.json(['sync', 'acme'])).toMatchObject({ entities: [{ upserted: 0, pages: 1 }] });
    expect(api.received.map(({ query }) => query.has('updated_after'))).toEqual([true]);
    expect((await lwi.json(['disconnect', 'acme'])) as object).toMatchObject({ remote: 'revoked' });
  });
});

test('the identity is read from the ID token, and its claims are shown', async () => {
  const { lwi } = await openAcme(discovered);
  expect(documentOf(await lwi.connect(['acme', '--json']))).toMatchObject({ externalId: 'johndoe' });
  expect(await lwi.json(['token', 'inspect', 'acme'])).toMatchObject({ claims: { sub: 'johndoe', aud: 'acme-app' } });
});

test('a callback that names another issuer is answered 400 and does not end the wait', async () => {
  const { lwi, server } = await openAcme(discovered);
  const running = await lwi.startConnect(['acme', '--json']);
  const location = new URL(await approve(running.address));
  location.searchParams.set('iss', 'https://elsewhere.example');
  expect((await visit(location.href)).status).toBe(400);
  expect(server.asked).toEqual([]);
  location.searchParams.set('iss', server.issuer);
  expect((await visit(location.href)).status).toBe(200);
  expect(documentOf(await running.ended)).toMatchObject({ externalId: 'johndoe' });
});

test('an access token that the API refuses is refreshed once, and the call goes on', async () => {
  const { lwi, server } = await openAcme(explicit);
  await lwi.connected(['acme']);
  server.tokens.clear();
  expect((await lwi.run(['api', 'acme', '/me'])).code).toBe(0);
  expect(server.asked).toHaveLength(2);
});

test('an API that refuses every token is code 3, after one refresh', async () => {
  const { lwi, server } = await openAcme(explicit);
  await lwi.connected(['acme']);
  server.tokens.clear();
  server.tokens.add = () => server.tokens;
  expect(failureOf(await lwi.run(['api', 'acme', '/me', '--json']))).toMatchObject({
    exit: 3,
    error: { statusCode: 401 },
  });
  expect(server.asked).toHaveLength(2);
});

test('invalid_grant at a refresh is code 3 and outcome reconnect', async () => {
  const { lwi, server } = await openAcme(discovered);
  await lwi.connected(['acme']);
  server.answerOnce(400, { error: 'invalid_grant' });
  const ran = await lwi.run(['token', 'refresh', 'acme', '--force', '--json']);
  expect(failureOf(ran)).toMatchObject({ exit: 3, error: { code: 'RECONNECT_REQUIRED' } });
  expect(await lwi.json(['status'])).toMatchObject([{ health: 'reconnect' }]);
});

test('client credentials need no browser, and are asked for again when the token is due', async () => {
  const { lwi, server } = await openAcme((issuer) => ({
    issuer,
    grant: 'client_credentials',
    scopes: ['read', 'write'],
  }));
  expect(await lwi.json(['connect', 'acme'])).toMatchObject({ provider: 'acme', scopes: ['read', 'write'] });
  expect(await lwi.json(['token', 'refresh', 'acme', '--force'])).toMatchObject([{ outcome: 'refreshed' }]);
  const form = { grant_type: 'client_credentials', scope: 'read write' };
  expect(server.asked).toEqual([
    { form, authorization: BASIC },
    { form, authorization: BASIC },
  ]);
  expect((await lwi.run(['api', 'acme', '/me'])).code).toBe(0);
});

test.each([
  [
    'an issuer that is somebody else',
    () => ({ json: { issuer: 'https://elsewhere.example', token_endpoint: 'https://elsewhere.example/token' } }),
  ],
  ['HTML in place of metadata', () => ({ html: '<h1>Sign in to the WiFi</h1>' })],
  ['an issuer that knows nothing', () => ({ status: 404, json: {} })],
])('%s is code 5, and no browser is sent anywhere', async (_, answer) => {
  const issuer = await oddServer(answer);
  const { lwi } = await openAcme(() => ({ issuer: issuer.url }));
  const ran = await lwi.run(['connect', 'acme', '--no-browser', '--json']);
  expect(failureOf(ran)).toMatchObject({ exit: 5, stdout: '', error: { code: 'BAD_RESPONSE', provider: 'acme' } });
  expect(ran.stderr).not.toContain('Open this address');
});
