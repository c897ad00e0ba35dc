import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../src/http/http.ts';
import type { OAuthDefinition, ProviderFile } from '../../src/providers/generic/definition.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import { Secret } from '../../src/secret.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';
import { verify } from '../../src/webhooks/verify.ts';

const MINIMAL: ProviderFile = { id: 'acme', api: { baseUrl: 'https://api.acme.example/v1/' } };
const withOAuth = (oauth: OAuthDefinition) => fromDefinition({ ...MINIMAL, oauth });

/** The functions of a provider have no value to compare. */
function data(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('a definition of id and base URL alone', () => {
  const provider = fromDefinition(MINIMAL);

  test('becomes a provider with defaults that takes pasted tokens', () => {
    expect(data(provider)).toEqual({
      id: 'acme',
      title: 'acme',
      faultCodes: [],
      environments: { production: { apiBaseUrl: 'https://api.acme.example/v1' } },
      oauth: {
        grant: 'token',
        clientAuthentication: 'basic',
        pkce: true,
        onRefreshRejected: 'reconnect',
        scopes: [],
        scopeSeparator: ' ',
        scopeParameter: 'scope',
        authorizationParameters: {},
        tokenHeaders: {},
        redirect: { loopback: 'http://127.0.0.1:0/callback', httpsOnlyIn: [] },
        revocation: 'none',
      },
      api: { headers: { accept: 'application/json' }, query: {}, probe: { method: 'GET', path: '/' } },
      limits: [{ name: 'default', permits: 60, perMs: 60_000, burst: 5, concurrency: 2 }],
      streams: [],
      redact: [],
    });
    expect(provider.limitsFor('GET', '/any')).toEqual(['default']);
  });

  test('takes any token without blanks, and knows nothing of its tenant', () => {
    const accepts = (token: string) => provider.oauth.acceptsPastedToken?.(token);
    expect([accepts('tok_1'), accepts(''), accepts('a b'), accepts('a\n')]).toEqual([true, false, false, false]);
    expect(provider.oauth.readGrant({ body: {}, callback: {}, idToken: {} }).externalId).toBe(undefined);
  });
});

describe('oauth', () => {
  test('every setting reaches the provider, empty endpoints are absent', () => {
    const provider = withOAuth({
      grant: 'authorization_code',
      issuer: 'https://id.acme.example',
      authorizationEndpoint: '',
      tokenEndpoint: 'https://id.acme.example/token',
      revocationEndpoint: '',
      deviceAuthorizationEndpoint: 'https://id.acme.example/device',
      clientAuthentication: 'body',
      pkce: false,
      scopes: ['a', 'b'],
      scopeSeparator: ',',
      redirectUri: 'http://127.0.0.1:9000/cb',
      authorizationParameters: { prompt: 'consent' },
    });
    expect(provider.environments).toEqual({
      production: {
        issuer: 'https://id.acme.example',
        tokenEndpoint: 'https://id.acme.example/token',
        deviceAuthorizationEndpoint: 'https://id.acme.example/device',
        apiBaseUrl: 'https://api.acme.example/v1',
      },
      mock: expect.any(Function),
    });
    expect(provider.environments.mock?.('http://127.0.0.1:4680')).toEqual({
      issuer: 'http://127.0.0.1:4680/acme/oauth',
      tokenEndpoint: 'http://127.0.0.1:4680/acme/oauth/token',
      deviceAuthorizationEndpoint: 'http://127.0.0.1:4680/acme/oauth/device_authorization',
      apiBaseUrl: 'http://127.0.0.1:4680/acme/api/v1',
    });
    expect(data(provider.oauth)).toEqual({
      grant: 'authorization_code',
      clientAuthentication: 'body',
      pkce: false,
      onRefreshRejected: 'reconnect',
      scopes: ['a', 'b'],
      scopeSeparator: ',',
      scopeParameter: 'scope',
      authorizationParameters: { prompt: 'consent' },
      tokenHeaders: {},
      redirect: { loopback: 'http://127.0.0.1:9000/cb', httpsOnlyIn: [] },
      revocation: 'form',
    });
    expect(provider.oauth.acceptsPastedToken).toBe(undefined);
  });

  test('each grant: PKCE with the code only, a new login with the password only', () => {
    const grants = ['authorization_code', 'client_credentials', 'password', 'device_code'] as const;
    const seen = grants.map((grant) => {
      const { oauth } = withOAuth({ grant });
      return [oauth.grant, oauth.pkce, oauth.onRefreshRejected];
    });
    expect(seen).toEqual([
      ['authorization_code', true, 'reconnect'],
      ['client_credentials', false, 'reconnect'],
      ['password', false, 'password'],
      ['device_code', false, 'reconnect'],
    ]);
  });

  test('a loopback IP without a port takes any free one, everything else is literal', () => {
    const loopback = (redirectUri: string) => withOAuth({ redirectUri }).oauth.redirect.loopback;
    expect(loopback('http://127.0.0.1/callback')).toBe('http://127.0.0.1:0/callback');
    expect(loopback('http://[::1]/cb?x=1')).toBe('http://[::1]:0/cb?x=1');
    expect(loopback('http://127.0.0.1:8080/cb')).toBe('http://127.0.0.1:8080/cb');
    expect(loopback('http://localhost:3118/callback')).toBe('http://localhost:3118/callback');
    expect(loopback('https://relay.example/cb')).toBe('https://relay.example/cb');
  });

  test('the external id comes from where the definition says, as text', () => {
    const input = {
      body: { team: { id: 7 }, companyId: 'from-token', sub: 'x' },
      callback: { companyId: 'from-callback' },
      idToken: { sub: 'user-1', org: { id: 'from-id-token' } },
    };
    const read = (externalId: NonNullable<OAuthDefinition['externalId']>) =>
      withOAuth({ externalId }).oauth.readGrant(input);
    expect(read({ from: 'callback', name: 'companyId' }).externalId).toBe('from-callback');
    expect(read({ from: 'token', name: 'companyId' }).externalId).toBe('from-token');
    expect(read({ from: 'token', name: 'team.id' }).externalId).toBe('7');
    expect(read({ from: 'idToken', name: 'org.id' }).externalId).toBe('from-id-token');
    expect(read({ from: 'idToken', name: 'org' }).externalId).toBe(undefined);
    expect(read({ from: 'token', name: 'constructor.name' }).externalId).toBe(undefined);
    expect(read({ from: 'callback', name: 'companyId' }).externalUserId).toBe('user-1');
  });

  test('scopes and the life of the refresh token, where the answer has them', () => {
    const read = (body: Record<string, unknown>, scopeSeparator = ' ') =>
      withOAuth({ scopeSeparator }).oauth.readGrant({ body, callback: {}, idToken: {} });
    expect(read({ scope: 'a b' }).scopes).toEqual(['a', 'b']);
    expect(read({ scope: 'a,b' }, ',').scopes).toEqual(['a', 'b']);
    expect(read({ scope: 'a b' }, ',').scopes).toEqual(['a', 'b']);
    expect(read({}).scopes).toBe(undefined);
    expect(read({ refresh_token_expires_in: '86400' }).refreshExpiresIn).toBe(86_400);
    expect(read({ refresh_expires_in: 1800 }).refreshExpiresIn).toBe(1800);
    expect(read({ refresh_expires_in: 0 }).refreshExpiresIn).toBe(undefined);
  });
});

describe('api and limits', () => {
  const provider = fromDefinition({
    ...MINIMAL,
    title: 'Acme',
    api: {
      baseUrl: 'https://a.example',
      headers: { Accept: 'application/vnd.acme+json' },
      requestIdHeader: 'X-Request-Id',
    },
    limits: [
      { name: 'minute', permits: 3 },
      { name: 'day', permits: 1000, perMs: 86_400_000, burst: 10, concurrency: 4 },
    ],
    streams: [{ name: 'items', path: '/items?active=true' }],
  });

  test('headers in lower case over the default, the first stream as probe', () => {
    expect(provider.api).toEqual({
      headers: { accept: 'application/vnd.acme+json' },
      query: {},
      nextPage: expect.any(Function),
      probe: { method: 'GET', path: '/items?active=true' },
      requestIdHeader: 'x-request-id',
    });
  });

  test('limits are filled up, their burst never above their permits; every request counts against all', () => {
    expect(provider.limits).toEqual([
      { name: 'minute', permits: 3, perMs: 60_000, burst: 3, concurrency: 2 },
      { name: 'day', permits: 1000, perMs: 86_400_000, burst: 10, concurrency: 4 },
    ]);
    expect(provider.limitsFor('POST', '/x')).toEqual(['minute', 'day']);
  });
});

describe('classify', () => {
  const provider = fromDefinition({ ...MINIMAL, api: { ...MINIMAL.api, requestIdHeader: 'X-Rid' } });
  const answer = (status: number, body: unknown): HttpResponse => ({
    status,
    headers: { 'x-rid': 'r-1' },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });

  test('below 400 there is no fault, whatever the body says', () => {
    expect(provider.classify(answer(200, { error: 'no' }))).toBe(undefined);
    expect(provider.classify(answer(304, ''))).toBe(undefined);
  });

  const cases: readonly [string, unknown, object][] = [
    [
      'RFC 6749',
      { error: 'invalid_grant', error_description: 'gone' },
      { message: 'gone', providerCode: 'invalid_grant' },
    ],
    ['a nested error', { error: { code: 42, message: 'broken' } }, { message: 'broken', providerCode: '42' }],
    ['a message', { message: 'no such item', code: 'NF' }, { message: 'no such item', providerCode: 'NF' }],
    ['problem details', { title: 'Bad', detail: 'too long' }, { message: 'too long' }],
    ['a list of errors', { errors: [{ code: 'E1', message: 'first' }, {}] }, { message: 'first', providerCode: 'E1' }],
    ['an error that is text', { error: 'not_found' }, { message: 'not_found', providerCode: 'not_found' }],
    ['control characters', { message: 'a\u001b[31m\nb' }, { message: 'a [31m b' }],
    ['a long message', { message: 'x'.repeat(500) }, { message: `${'x'.repeat(299)}…` }],
  ];
  for (const [name, body, fault] of cases) {
    test(name, () => expect(provider.classify(answer(404, body))).toEqual({ ...fault, requestId: 'r-1' }));
  }
});

describe('webhooks', () => {
  const withWebhook = (webhook: NonNullable<ProviderFile['webhook']>) => {
    const settings = fromDefinition({ ...MINIMAL, webhook }).webhook;
    if (settings === undefined) throw new Error('no webhook');
    return settings;
  };

  test('every setting of hmac, and a delivery that verifies', () => {
    const { scheme } = withWebhook({
      scheme: 'hmac',
      algorithm: 'sha512',
      encoding: 'base64',
      header: 'X-Acme-Signature',
      prefix: 'v1:',
      timestampHeader: 'X-Acme-Time',
      signed: '{id}/{timestamp}/{body}',
      idHeader: 'X-Acme-Id',
      toleranceMs: 60_000,
    });
    const signature = createHmac('sha512', 'k').update('e1/1767607200/{}').digest('base64');
    const headers = { 'x-acme-signature': `v1:${signature}`, 'x-acme-time': '1767607200', 'x-acme-id': 'e1' };
    const input = { scheme, secrets: [new Secret('k')], headers, body: Buffer.from('{}') };
    expect(verify({ ...input, now: 1_767_607_260_000 }).verdict).toBe('verified');
    expect(verify({ ...input, now: 1_767_607_261_000 }).verdict).toBe('stale-timestamp');
  });

  test('a time header without a template signs time, dot and body', () => {
    expect(withWebhook({ timestampHeader: 'x-t' }).scheme.signed).toBe('{timestamp}.{body}');
    expect(withWebhook({}).scheme).toEqual(PRESETS.hmac);
  });

  test('a preset, with another tolerance and id header at most', () => {
    expect(withWebhook({ scheme: 'stripe' }).scheme).toEqual(PRESETS.stripe);
    expect(withWebhook({ scheme: 'intuit', idHeader: 'X-Id', toleranceMs: 1000 }).scheme).toEqual({
      ...PRESETS.intuit,
      idHeader: 'x-id',
      toleranceMs: 1000,
    });
  });

  test('events: the kind from header or body, the id only from where the scheme says; each is a reason to poll', () => {
    const read = (webhook: NonNullable<ProviderFile['webhook']>, body: unknown, headers = {}) =>
      withWebhook(webhook).readEvents(Buffer.from(JSON.stringify(body)), headers);
    expect(read({}, { id: 'order-1', event: 'order.updated' })).toEqual([{ type: 'order.updated', gap: true }]);
    expect(read({ idHeader: 'X-Id' }, {}, { 'x-id': 'd1' })).toEqual([{ id: 'd1', type: 'unknown', gap: true }]);
    expect(read({ scheme: 'stripe' }, { id: 'evt_1', type: 'a.b' })).toEqual([{ id: 'evt_1', type: 'a.b', gap: true }]);
    expect(
      read({ scheme: 'github' }, { action: 'x' }, { 'x-github-event': 'push', 'x-github-delivery': 'g1' }),
    ).toEqual([{ id: 'g1', type: 'push', gap: true }]);
    expect(read({ scheme: 'hubspot-v3' }, [{ subscriptionType: 'a' }, { subscriptionType: 'b' }, 7])).toEqual([
      { type: 'a', gap: true },
      { type: 'b', gap: true },
    ]);
    expect(withWebhook({}).readEvents(Buffer.from('a=b'), {})).toEqual([]);
    expect(read({}, 'text')).toEqual([]);
  });
});
