import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ProviderFile, StreamDefinition } from '../../src/providers/generic/definition.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import { Secret } from '../../src/secret.ts';
import { verify as verifyWebhook } from '../../src/webhooks/verify.ts';
import { type Answer, CALLBACK, CLIENT, call, callbackOf, control, postForm, startMock } from './started-mock.ts';

const OAUTH = {
  ...{ issuer: 'https://id.acme.example/', scopes: ['openid', 'loads'] },
  externalId: { from: 'callback', name: 'companyId' },
} as const;
const ACME: ProviderFile = { id: 'acme', oauth: OAUTH, api: { baseUrl: 'https://api.acme.example/v1/' } };
/** The pair of RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

const startAcme = (more: Partial<ProviderFile> = {}) =>
  startMock({ definitions: [{ ...ACME, ...more }], providers: ['acme'], records: 25 });
const authorizeUrl = (url: string, more: Record<string, string> = {}) =>
  `${url}/acme/oauth/authorize?${new URLSearchParams({
    ...{ response_type: 'code', client_id: 'client-1', redirect_uri: CALLBACK, scope: 'openid loads', state: 's' },
    ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
    ...more,
  })}`;
const token = (
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = CLIENT,
): Promise<Answer> => postForm(`${url}/acme/oauth/token`, fields, headers);
const exchange = (url: string, code: string) =>
  token(url, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER });
const refresh = (url: string, refreshToken: string) =>
  token(url, { grant_type: 'refresh_token', refresh_token: refreshToken });
async function connect(url: string): Promise<Answer & { code: string }> {
  const code = (await callbackOf(authorizeUrl(url))).get('code') ?? '';
  return { ...(await exchange(url, code)), code };
}

describe('the authorization server of a definition', () => {
  test('publishes metadata under both well-known addresses, written as it names itself', async () => {
    const { url } = await startAcme();
    const documents = await Promise.all(
      ['/.well-known/oauth-authorization-server/acme/oauth', '/acme/oauth/.well-known/openid-configuration'].map(
        async (path) => (await call(`${url}${path}`)).body,
      ),
    );
    expect(documents[0]).toEqual(documents[1]);
    expect(documents[0]).toMatchObject({
      issuer: `${url}/acme/oauth`,
      token_endpoint: `${url}/acme/oauth/token`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
    const { url: plain } = await startAcme({ oauth: { tokenEndpoint: 'https://id.acme.example/token' } });
    expect((await call(`${plain}/acme/oauth/.well-known/openid-configuration`)).status).toBe(404);
  });

  test('wants PKCE, and names itself in every redirect', async () => {
    const { url } = await startAcme();
    const bare = authorizeUrl(url).replace(/&code_challenge[^&]*/g, '');
    expect(Object.fromEntries(await callbackOf(bare))).toEqual({
      error: 'invalid_request',
      state: 's',
      iss: `${url}/acme/oauth`,
    });
    const denied = await callbackOf(authorizeUrl(url), { deny: true });
    expect(denied.get('iss')).toBe(`${url}/acme/oauth`);
    const approved = await callbackOf(authorizeUrl(url), { company: 1 });
    expect([approved.get('companyId'), approved.get('iss')]).toEqual(['7000002', `${url}/acme/oauth`]);
    const code = approved.get('code') ?? '';
    const without = await token(url, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
    expect([without.status, without.body.error]).toEqual([400, 'invalid_grant']);
    expect((await exchange(url, code)).status).toBe(200);
  });

  test('signs ID tokens with the key that it publishes', async () => {
    const { url } = await startAcme();
    const { body } = await connect(url);
    const [head = '', claims = '', signature = ''] = body.id_token.split('.');
    const { body: set } = await call(`${url}/acme/oauth/keys`);
    const key = createPublicKey({ key: set.keys[0], format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      ...{ iss: `${url}/acme/oauth`, aud: 'client-1', sub: 'user-of-7000001' },
    });
  });

  test('ends the grant when a code or a refresh token comes again', async () => {
    const { url } = await startAcme();
    const first = await connect(url);
    expect((await exchange(url, first.code)).body.error).toBe('invalid_grant');
    expect((await refresh(url, first.body.refresh_token)).body.error).toBe('invalid_grant');
    const second = await connect(url);
    const third = await refresh(url, second.body.refresh_token);
    expect(third.body.refresh_token).not.toBe(second.body.refresh_token);
    expect((await refresh(url, second.body.refresh_token)).status).toBe(400);
    expect((await refresh(url, third.body.refresh_token)).status).toBe(400);
  });

  test.each([
    ['basic', CLIENT, 200],
    ['body', CLIENT, 401],
    ['none', CLIENT, 401],
    ['none', { client_id: 'c' }, 200],
    ['basic', { client_id: 'c', client_secret: 's' }, 401],
    ['body', { client_id: 'c', client_secret: 's' }, 200],
    ['body', { client_id: 'c', client_secret: 'wrong-secret' }, 401],
  ] as const)('with client authentication %s answers %j with %i', async (clientAuthentication, client, status) => {
    const { url } = await startAcme({ oauth: { ...OAUTH, grant: 'client_credentials', clientAuthentication } });
    const [fields, headers] = 'authorization' in client ? [{}, client] : [client, {}];
    const answer = await token(url, { grant_type: 'client_credentials', ...fields }, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.refresh_token).toBeUndefined();
    const other = await token(url, { grant_type: 'password', ...fields }, headers);
    expect(other.body.error).toBe(status === 200 ? 'unsupported_grant_type' : 'invalid_client');
  });

  test('is asked for a device code at its pace, and gives the token once', async () => {
    const { url, clock } = await startAcme({ oauth: { ...OAUTH, grant: 'device_code' } });
    const { body } = await postForm(`${url}/acme/oauth/device_authorization`, { scope: 'openid' }, CLIENT);
    expect(body).toMatchObject({ interval: 1, expires_in: 600, verification_uri: `${url}/acme/oauth/device` });
    const ask = async () =>
      (
        await token(url, {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: body.device_code,
        })
      ).body;
    expect([(await ask()).error, (await ask()).error]).toEqual(['authorization_pending', 'slow_down']);
    clock.advance(1000);
    const form = { company: '7000002', decision: 'approve' };
    expect((await postForm(body.verification_uri_complete, form)).status).toBe(200);
    expect((await ask()).access_token).toEqual(expect.any(String));
    clock.advance(1000);
    expect((await ask()).error).toBe('invalid_grant');
  });
});

/** Reads all pages as lwi does; what the rows say, by id. */
async function walk(url: string, definition: ProviderFile, bearer: string, since?: number) {
  const [stream] = fromDefinition(definition).streams;
  const baseUrl = `${url}/acme/api/v1`;
  const window = { now: 0, externalId: '7000001', ...(since === undefined ? {} : { since }) };
  const records: { id: string; deleted: boolean }[] = [];
  let request = stream?.start(window).request;
  let pages = 0;
  while (stream !== undefined && request !== undefined) {
    const { headers, body } = await call(`${baseUrl}${request.path}?${new URLSearchParams({ ...request.query })}`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    const page = stream.parse({ request, window, baseUrl, body, headers: Object.fromEntries(headers), until: 0 });
    records.push(...page.records);
    expect(page.rejected).toEqual([]);
    request = page.next;
    pages += 1;
  }
  return { records, pages, ids: records.map(({ id }) => id).sort() };
}

const IDS = Array.from({ length: 25 }, (_, index) => String(1001 + index));
const SIZE = { sizeParameter: 'n', size: 10 };
const STREAMS: readonly (readonly [string, number, Omit<StreamDefinition, 'name'>])[] = [
  ['a bare list', 1, { path: '/loads' }],
  [
    'a list inside, of changes by ISO time',
    1,
    { path: '/loads', items: 'a.b', updatedAt: 'u', since: { parameter: 's' } },
  ],
  ['a cursor', 3, { path: '/loads', items: 'data', page: { type: 'cursor', parameter: 'c', next: 'meta.n', ...SIZE } }],
  [
    'a cursor and a flag',
    3,
    { path: '/loads', items: 'd', page: { type: 'cursor', parameter: 'c', next: 'p.end', more: 'p.hasNext', ...SIZE } },
  ],
  ['links', 3, { path: '/c/{externalId}/loads', page: { type: 'link', ...SIZE } }],
  ['an offset that nobody tells', 4, { path: '/loads', page: { type: 'offset', parameter: 'o', ...SIZE } }],
  [
    'an offset that is told',
    3,
    { path: '/loads?a=b', items: 'd', page: { type: 'offset', parameter: 'o', next: 'n', ...SIZE } },
  ],
  [
    'pages from 0',
    3,
    { path: '/loads', items: 'd', page: { type: 'page', parameter: 'p', first: 0, next: 'hasMore', ...SIZE } },
  ],
  [
    'seconds, and a flag for what is gone',
    1,
    {
      ...{ path: '/loads', id: 'load.no', updatedAt: 'times.changed', deleted: 'gone', columns: { city: 'from.city' } },
      since: { parameter: 's', format: 'epoch' },
    },
  ],
  [
    'milliseconds, and a time for what is gone',
    1,
    { path: '/loads', updatedAt: 'u', deleted: 'deleted_at', since: { parameter: 's', format: 'epochMs' } },
  ],
  ['days', 1, { path: '/loads', updatedAt: 'u', since: { parameter: 's', format: 'date' } }],
];

describe('the API of a definition', () => {
  test.each(STREAMS)('shows every row once, and what changed since: %s', async (_, pages, stream) => {
    const definition = { ...ACME, streams: [{ name: 'loads', ...stream }] };
    const { url, clock } = await startAcme(definition);
    const bearer = (await connect(url)).body.access_token;
    expect(await walk(url, definition, bearer)).toMatchObject({ ids: IDS, pages });
    clock.advance(86_400_000);
    await control(url, 'expire');
    const again = (await connect(url)).body.access_token;
    const changed = clock.now();
    await control(url, 'acme/touch?stream=loads&id=1003&id=1007');
    await control(url, 'acme/delete?stream=loads&id=1005');
    const { records } = await walk(url, definition, again, changed);
    const living = records.filter(({ deleted }) => !deleted).map(({ id }) => id);
    const gone = records.filter(({ deleted }) => deleted).map(({ id }) => id);
    expect(gone).toEqual(stream.deleted === undefined ? [] : ['1005']);
    expect(living.sort()).toEqual(stream.since === undefined ? IDS.filter((id) => id !== '1005') : ['1003', '1007']);
  });

  test('gives rows at their paths, with what the names promise', async () => {
    const columns = { email: 'owner.email', owner: 'owner.name', amount: 'amount_due', kind: 'type' };
    const stream = { name: 'loads', path: '/loads', id: 'ref.id', updatedAt: 'at', deleted: 'gone', columns };
    const { url } = await startAcme({ streams: [stream] });
    const headers = { authorization: `Bearer ${(await connect(url)).body.access_token}` };
    expect((await call(`${url}/acme/api/v1/loads`, { headers })).body[0]).toMatchObject({
      ...{ ref: { id: '1001' }, at: expect.stringMatching(/^2024-12-\d\dT[\d:]+Z$/), gone: false, revision: 1 },
      ...{ owner: { name: expect.stringMatching(/^\w+ \w+$/), email: expect.stringContaining('@example.com') } },
      ...{ amount_due: expect.any(Number), lane: expect.stringContaining(' to ') },
    });
  });

  test('a row that changes while pages are read moves no other one out of sight', async () => {
    const page = { type: 'cursor', parameter: 'c', next: 'n', ...SIZE } as const;
    const { url } = await startAcme({ streams: [{ name: 'loads', path: '/loads', items: 'd', page }] });
    const headers = { authorization: `Bearer ${(await connect(url)).body.access_token}` };
    const seen = new Set<string>();
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at = cursor === '' ? '' : `?c=${cursor}`;
      const { body } = await call(`${url}/acme/api/v1/loads${at}`, { headers });
      for (const { id } of body.d) seen.add(id);
      cursor = body.n;
      if (seen.size <= 20) await control(url, 'acme/touch?stream=loads&id=1002&id=1010');
    }
    expect([...seen].sort()).toEqual(IDS);
  });

  test('refuses what it cannot read, and what is none of the company’s', async () => {
    const page = { type: 'cursor', parameter: 'c', next: 'n', ...SIZE } as const;
    const stream = { name: 'loads', path: '/c/{externalId}/loads', items: 'd', since: { parameter: 's' }, page };
    const { url } = await startAcme({ streams: [stream] });
    const headers = { authorization: `Bearer ${(await connect(url)).body.access_token}` };
    const status = async (path: string, init: RequestInit = {}) =>
      (await call(`${url}/acme/api/v1${path}`, { headers, ...init })).status;
    const queries = ['s=yesterday', 's=2026-01-05', 'c=made-up', 'n=0', 'n=ten'];
    expect(await Promise.all(queries.map((query) => status(`/c/7000001/loads?${query}`)))).toEqual(Array(5).fill(400));
    expect(await status('/c/7000002/loads')).toBe(403);
    expect(await status('/elsewhere')).toBe(404);
    expect(await status('/c/7000001/loads', { method: 'DELETE' })).toBe(405);
    expect(await status('/c/7000001/loads', { headers: {} })).toBe(401);
  });

  test('without oauth takes the one token that is brought, until it is revoked', async () => {
    const { url } = await startMock({ definitions: [{ id: 'acme', api: { baseUrl: 'https://api.acme.example' } }] });
    const status = async (bearer: string) =>
      (await call(`${url}/acme/api`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect([await status('lwi-mock-token'), await status('another')]).toEqual([200, 401]);
    await control(url, 'revoke?provider=acme');
    expect(await status('lwi-mock-token')).toBe(401);
  });
});

test.each(['slack', 'stripe', 'standard-webhooks', 'shopify', 'hubspot-v3', 'github', 'hmac'] as const)(
  'events are signed as %s signs',
  async (scheme) => {
    const received: { headers: Headers; body: string }[] = [];
    const webhook = { scheme };
    const { url, clock } = await startMock({
      definitions: [{ ...ACME, webhook }],
      fetch: async (_target, init) => {
        received.push({ headers: new Headers(init?.headers), body: String(init?.body) });
        return new Response(null, { status: 204 });
      },
    });
    const to = 'http://127.0.0.1:8080/webhooks/acme?a=b';
    expect((await control(url, `acme/webhook?to=${encodeURIComponent(to)}&event=load.booked`)).body).toMatchObject({
      status: 204,
    });
    const definition = fromDefinition({ ...ACME, webhook }).webhook;
    const [delivery] = received;
    if (definition === undefined || delivery === undefined) throw new Error('nothing was delivered');
    const encoded = scheme === 'standard-webhooks';
    const text = 'lwi-demo-webhook-secret-of-acme';
    const verdict = verifyWebhook({
      scheme: definition.scheme,
      secrets: [new Secret(encoded ? `whsec_${Buffer.from(text).toString('base64')}` : text)],
      body: Buffer.from(delivery.body),
      headers: Object.fromEntries(delivery.headers),
      now: clock.now(),
      ...{ method: 'POST', path: to.replace('http:', 'https:') },
    });
    expect(verdict).toMatchObject({ verdict: 'verified' });
    expect(definition.readEvents(Buffer.from(delivery.body), Object.fromEntries(delivery.headers))).toMatchObject([
      { type: 'load.booked' },
    ]);
  },
);
