import { describe, expect, it, onTestFinished } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import type { MockOptions } from '../../src/mock/settings.ts';
import { authorizationUrl, newAuthorization } from '../../src/oauth/authorization-request.ts';
import {
  clientCredentialsGrant,
  exchangeCode,
  type Protocol,
  passwordGrant,
  refreshGrant,
} from '../../src/oauth/protocol.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { OAuthSettings } from '../../src/providers/oauth-settings.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { Secret } from '../../src/secret.ts';
import { acme, failureOf } from '../http/support.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

const REDIRECT = 'http://127.0.0.1:8914/callback';
const TOKEN = { access_token: 'access-1', token_type: 'Bearer', expires_in: 3600 };

/** The provider's protocol at a mock of its own. */
async function atMock(provider: typeof quickbooks, options: Partial<MockOptions> = {}, change: Partial<Protocol> = {}) {
  const clock = virtualClock();
  const mock = createMock({ clock, ...options });
  const { url, close } = await serveMock({ mock, port: 0 });
  onTestFinished(close);
  const endpoints = provider.environments.mock?.(url);
  if (!endpoints) throw new Error(`${provider.id} has no mock`);
  return { clock, mock, url, protocol: protocolFor(provider, endpoints, { clock, ...change }) };
}

/** The person approves; the query of the redirect. */
async function approved(protocol: Protocol, own = newAuthorization()) {
  const request = { ...own, redirectUri: REDIRECT, scopes: protocol.settings.scopes };
  const callback = new URL(await approve(authorizationUrl(protocol, request).href)).searchParams;
  return { callback, expected: { ...own, redirectUri: REDIRECT } };
}

/** A protocol whose token endpoint is a server of the test. */
async function atServer(
  answer: (request: Received) => Answer,
  change: Partial<Protocol> = {},
  settings: Partial<OAuthSettings> = {},
) {
  const server = await oddServer(answer);
  const provider = acme({ oauth: { clientAuthentication: 'basic' } });
  const endpoints = { apiBaseUrl: server.url, tokenEndpoint: `${server.url}/token` };
  const protocol = protocolFor(provider, endpoints, { settings: { ...provider.oauth, ...settings }, ...change });
  return { ...server, protocol };
}

const refresh = (protocol: Protocol) => refreshGrant(protocol, new Secret('refresh-1'));
const form = ({ body }: Received) => Object.fromEntries(new URLSearchParams(body));

describe('the authorization code grant', () => {
  it('exchanges the code for a token set, with identity and lives', async () => {
    const { protocol } = await atMock(quickbooks);
    const { callback, expected } = await approved(protocol);
    const set = await exchangeCode(protocol, callback, expected);
    expect({
      ...set,
      accessToken: set.accessToken.reveal().length > 20,
      refreshToken: set.refreshToken?.reveal().length,
    }).toEqual({
      accessToken: true,
      refreshToken: expect.any(Number),
      idToken: undefined,
      tokenType: 'bearer',
      issuedAt: START,
      expiresAt: START + 3_600_000,
      refreshExpiresAt: START + 8_726_400_000,
      refreshHardExpiresAt: START + 157_680_000_000,
      scopes: [],
      facts: { externalId: '9130000000000001', refreshExpiresIn: 8_726_400, refreshHardExpiresIn: 157_680_000 },
    });
  });

  it('takes identity and rotation from an answer that is not OAuth as the standard knows it', async () => {
    const { protocol } = await atMock(slack);
    const { callback, expected } = await approved(protocol);
    const set = await exchangeCode(protocol, callback, expected);
    expect([set.tokenType, set.facts.externalId !== undefined, set.scopes.length > 0, set.expiresAt]).toEqual([
      'bearer',
      true,
      true,
      START + 43_200_000,
    ]);
    expect(set.accessToken.reveal()).toMatch(/^xoxe\.xoxb-/);
  });

  it('proves with its verifier that it began the authorization', async () => {
    const { protocol } = await atMock(quickbooks);
    const { callback, expected } = await approved(protocol);
    const stolen = exchangeCode(protocol, callback, { ...expected, verifier: newAuthorization().verifier });
    expect(await failureOf(stolen)).toMatchObject({ code: 'GRANT_REJECTED', facts: { providerCode: 'invalid_grant' } });
    expect((await exchangeCode(protocol, callback, expected)).facts.externalId).toBe('9130000000000001');
  });

  it('is never repeated, because a second exchange of one code ends the tokens of the first', async () => {
    for (const fault of ['500', 'cut', 'lost', 'html', 'truncate']) {
      const { protocol, mock } = await atMock(quickbooks, { faults: [`${fault}:quickbooks/bearer`] });
      const { callback, expected } = await approved(protocol);
      await failureOf(exchangeCode(protocol, callback, expected));
      expect(mock.log.filter(({ path }) => path.endsWith('/bearer'))).toHaveLength(1);
    }
  });

  it('sends nothing when the state is not its own', async () => {
    const { protocol, mock } = await atMock(quickbooks);
    const { callback, expected } = await approved(protocol);
    const before = mock.log.length;
    const error = await failureOf(exchangeCode(protocol, callback, { ...expected, state: 'other' }));
    expect(error).toMatchObject({ code: 'BAD_RESPONSE' });
    expect(mock.log.length).toBe(before);
  });

  it.each([
    ['access_denied', 'CONSENT_REFUSED', 'Acme says that access was refused.'],
    ['invalid_scope', 'GRANT_REJECTED', 'Acme ended the authorization: invalid_scope.'],
  ])('ends with the error in the redirect: %s is %s', async (error, code, message) => {
    const { protocol, received } = await atServer(() => ({ json: TOKEN }));
    const callback = new URLSearchParams({ error, state: 's' });
    const work = exchangeCode(protocol, callback, { redirectUri: REDIRECT, state: 's', verifier: 'v'.repeat(43) });
    expect(await failureOf(work)).toMatchObject({ code, message });
    expect(received).toEqual([]);
  });

  it('compares the issuer where it is known, and looks for it where it is announced (RFC 9207)', async () => {
    const issuer = 'https://id.acme.example';
    const exchange = async (
      iss: string | undefined,
      known: Partial<Protocol['endpoints']>,
      issuerInRedirect = false,
    ) => {
      const { protocol } = await atServer(() => ({ json: TOKEN }));
      const endpoints = { ...protocol.endpoints, ...known };
      const callback = new URLSearchParams({ code: 'c', state: 's', ...(iss ? { iss } : {}) });
      const expected = { redirectUri: REDIRECT, state: 's', verifier: 'v'.repeat(43) };
      return exchangeCode({ ...protocol, endpoints, issuerInRedirect }, callback, expected).then(
        () => 'exchanged',
        ({ code }) => code,
      );
    };
    expect(await exchange(issuer, { issuer })).toBe('exchanged');
    expect(await exchange('https://evil.example', { issuer })).toBe('BAD_RESPONSE');
    expect(await exchange(undefined, { issuer })).toBe('exchanged');
    expect(await exchange(undefined, { issuer }, true)).toBe('BAD_RESPONSE');
    expect(await exchange('https://whoever.example', {})).toBe('exchanged');
  });
});

describe('client authentication', () => {
  it('form-encodes id and secret for Basic (RFC 6749, 2.3.1), so that no character in them does harm', async () => {
    const odd = { clientId: 'id: +/%ä', clientSecret: new Secret('s:e+c r%e&t=€') };
    const { protocol, received } = await atServer(() => ({ json: TOKEN }), { app: { ...odd, source: 'test' } });
    await refresh(protocol);
    const [scheme, pair = ''] = (received[0]?.headers.authorization ?? '').split(' ');
    const text = Buffer.from(pair, 'base64').toString('utf8');
    expect([scheme, text]).toEqual(['Basic', 'id%3A+%2B%2F%25%C3%A4:s%3Ae%2Bc+r%25e%26t%3D%E2%82%AC']);
    expect(received[0] && form(received[0])).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-1' });
  });

  it('is understood by a server that decodes it', async () => {
    const app = { clientId: 'id: +/%ä', clientSecret: new Secret('s:e+c r%e&t=€'), source: 'test' };
    const { protocol } = await atMock(quickbooks, {}, { app });
    const { callback, expected } = await approved(protocol);
    expect((await exchangeCode(protocol, callback, expected)).tokenType).toBe('bearer');
  });

  it.each<[OAuthSettings['clientAuthentication'], Record<string, string>]>([
    ['body', { client_id: 'client-1', client_secret: 'secret-1' }],
    ['none', { client_id: 'client-1' }],
    ['omitted', {}],
  ])('by %s goes into the form', async (clientAuthentication, fields) => {
    const { protocol, received } = await atServer(() => ({ json: TOKEN }), {}, { clientAuthentication });
    await refresh(protocol);
    expect(received[0]?.headers.authorization).toBeUndefined();
    expect(received[0] && form(received[0])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
      ...fields,
    });
  });

  it('needs a secret where the provider does', async () => {
    const { protocol, received } = await atServer(() => ({ json: TOKEN }), { app: { clientId: 'c', source: 'test' } });
    expect(await failureOf(refresh(protocol))).toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect(received).toEqual([]);
  });
});

describe('the other grants', () => {
  it('refresh', async () => {
    const { protocol, clock } = await atMock(quickbooks, { rotateAlways: true });
    const { callback, expected } = await approved(protocol);
    const first = await exchangeCode(protocol, callback, expected);
    clock.jump(1000);
    const second = await refreshGrant(protocol, first.refreshToken ?? new Secret(''));
    expect([second.issuedAt, second.expiresAt]).toEqual([START + 1000, START + 3_601_000]);
    expect(second.refreshToken?.reveal()).not.toBe(first.refreshToken?.reveal());
  });

  it('by password', async () => {
    const { protocol } = await atMock(mycarrierpackets);
    const set = await passwordGrant(protocol, {
      username: 'lwi@example.com',
      password: new Secret('pw'),
      source: 'test',
    });
    expect(set.facts.externalId).toBe('lwi@example.com');
  });

  it('by client credentials, with the scopes that were asked for unless the answer names others', async () => {
    const { protocol, received } = await atServer(({ body }) => ({
      json: { ...TOKEN, ...(body.includes('b') ? { scope: 'given' } : {}) },
    }));
    expect((await clientCredentialsGrant(protocol, ['x', 'y'])).scopes).toEqual(['x', 'y']);
    expect((await clientCredentialsGrant(protocol, ['b'])).scopes).toEqual(['given']);
    await clientCredentialsGrant(protocol, []);
    expect(received.map(form)).toEqual([
      { grant_type: 'client_credentials', scope: 'x y' },
      { grant_type: 'client_credentials', scope: 'b' },
      { grant_type: 'client_credentials' },
    ]);
  });

  it("send the provider's own headers, also when the endpoint is not spelled as URLs are", async () => {
    const { protocol, received, url } = await atServer(
      () => ({ json: TOKEN }),
      {},
      { tokenHeaders: { 'x-ask': 'all' } },
    );
    const tokenEndpoint = `${url.replace('127.0.0.1', 'LOCALHOST')}/a/../token`;
    await refresh({ ...protocol, endpoints: { ...protocol.endpoints, tokenEndpoint } });
    expect([received[0]?.path, received[0]?.headers['x-ask']]).toEqual(['/token', 'all']);
  });
});

describe('an answer of the token endpoint', () => {
  it.each<[string, object, number | undefined]>([
    ['a number', { expires_in: 60 }, 60_000],
    ['text', { expires_in: '60' }, 60_000],
    ['nothing', { expires_in: undefined }, undefined],
    ['more than anybody means, which must not cost the token', { expires_in: 1e300 }, undefined],
    ['a part of a second', { expires_in: 1.0004 }, 1000],
    ['null', { expires_in: null, refresh_token: null, scope: null }, undefined],
    ['nothing at all, that is already over', { expires_in: 0 }, 0],
    ['a word, which must not cost the token', { expires_in: 'soon' }, undefined],
    ['less than nothing, which must not cost the token', { expires_in: -5 }, undefined],
  ])('may have its life as %s', async (_name, members, life) => {
    const { protocol } = await atServer(() => ({ json: { ...TOKEN, ...members } }));
    expect((await refresh(protocol)).expiresAt).toBe(life === undefined ? undefined : START + life);
  });

  it.each([
    ['read write', ['read', 'write']],
    ['read,write', ['read', 'write']],
    [' read  write ', ['read', 'write']],
  ])('may have its scopes as %j', async (scope, scopes) => {
    const { protocol } = await atServer(() => ({ json: { ...TOKEN, scope } }), {}, { readGrant: () => ({}) });
    expect((await refresh(protocol)).scopes).toEqual(scopes);
  });

  it.each<[string, Answer, string, string?]>([
    ['a proxy page with 200', { html: '<html>Welcome</html>' }, 'BAD_RESPONSE'],
    ['a proxy page with 403', { status: 403, html: '<html>Blocked</html>' }, 'BAD_RESPONSE'],
    ['a redirect', { status: 302, html: '', headers: { location: '/login' } }, 'BAD_RESPONSE'],
    ['a JSON list', { json: [] }, 'BAD_RESPONSE'],
    ['no access token', { json: { token_type: 'bearer' } }, 'BAD_RESPONSE'],
    ['an empty access token', { json: { ...TOKEN, access_token: '' } }, 'BAD_RESPONSE'],
    ['a token that would break a header', { json: { ...TOKEN, access_token: 'abc\r\nx-evil: 1' } }, 'BAD_RESPONSE'],
    ['a token of a kind that nobody asked for', { json: { ...TOKEN, token_type: 'mac' } }, 'BAD_RESPONSE'],
    ['an error with status 200 (GitHub)', { json: { error: 'invalid_grant' } }, 'GRANT_REJECTED', 'invalid_grant'],
    ['a bad gateway', { status: 502, html: '<html>Bad Gateway</html>' }, 'SERVER_ERROR'],
    ['a server error as OAuth error', { status: 500, json: { error: 'server_error' } }, 'SERVER_ERROR'],
    ['a cut connection', 'cut', 'NETWORK'],
    ['invalid_grant', { status: 400, json: { error: 'invalid_grant' } }, 'GRANT_REJECTED', 'invalid_grant'],
    ['invalid_client', { status: 401, json: { error: 'invalid_client' } }, 'CLIENT_REJECTED', 'invalid_client'],
    [
      'invalid_client with a challenge',
      { status: 401, json: { error: 'invalid_client' }, headers: { 'www-authenticate': 'Basic realm="x"' } },
      'CLIENT_REJECTED',
      'invalid_client',
    ],
    [
      'unauthorized_client',
      { status: 400, json: { error: 'unauthorized_client' } },
      'CLIENT_REJECTED',
      'unauthorized_client',
    ],
    ['invalid_scope', { status: 400, json: { error: 'invalid_scope' } }, 'PROVIDER_REFUSED', 'invalid_scope'],
  ])('that is %s is told for what it is', async (_name, answer, code, providerCode) => {
    const { protocol, received } = await atServer(() => answer);
    const error = await failureOf(refresh(protocol));
    expect(error).toMatchObject({ code, facts: { provider: 'acme' } });
    expect(error instanceof Error && 'facts' in error && (error.facts as { providerCode?: string }).providerCode).toBe(
      providerCode,
    );
    expect(received).toHaveLength(1);
  });

  it('is quoted without what looks like a credential', async () => {
    const said = { error: 'invalid_grant', error_description: 'token xoxe-1-abcdef is unknown' };
    const { protocol } = await atServer(() => ({ status: 400, json: said }));
    expect(await failureOf(refresh(protocol))).toMatchObject({
      message: 'Acme answered: invalid_grant: token [redacted] is unknown',
    });
  });

  it('that throttles in the clothes of a 200 is a rate limit', async () => {
    const { protocol } = await atServer(
      () => ({ json: { ok: false, error: 'ratelimited' } }),
      {},
      {
        adaptTokenAnswer: slack.oauth.adaptTokenAnswer,
      },
    );
    expect(await failureOf(refresh(protocol))).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
  });

  it('does not come at all when the person stops', async () => {
    const person = new AbortController();
    const { protocol } = await atServer(() => {
      person.abort(new Error('stopped'));
      return 'hang';
    });
    const call = { ...protocol.call, signal: person.signal };
    expect(await failureOf(refresh({ ...protocol, call }))).toEqual(new Error('stopped'));
  });

  it('is not asked for over plain http, but on loopback', async () => {
    const { protocol } = await atServer(() => ({ json: TOKEN }));
    const endpoints = { ...protocol.endpoints, tokenEndpoint: 'http://id.acme.example/token' };
    let sent = 0;
    const send: Protocol['send'] = (...exchange) => {
      sent += 1;
      return protocol.send(...exchange);
    };
    expect(await failureOf(refresh({ ...protocol, endpoints, send }))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'The token endpoint of acme is neither https nor on loopback.',
    });
    expect(sent).toBe(0);
  });
});

describe('an ID token', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  /** Unsigned here: it comes straight from the token endpoint, so that the signature is not looked at (OpenID Connect Core 3.1.3.7). */
  const idToken = (claims: object) => `${encode({ alg: 'RS256' })}.${encode(claims)}.${encode({})}`;
  const seconds = Math.floor(performance.timeOrigin / 1000);
  const claims = {
    iss: 'https://id.acme.example',
    aud: 'client-1',
    sub: 'user-7',
    iat: seconds,
    exp: seconds + 36_000,
  };
  const ANSWER = { ...TOKEN, refresh_token: 'refresh-2' };
  const at = async (members: object, issuer?: string) => {
    const { protocol } = await atServer(() => ({ json: { ...ANSWER, id_token: idToken({ ...claims, ...members }) } }));
    return { ...protocol, endpoints: { ...protocol.endpoints, ...(issuer ? { issuer } : {}) } };
  };
  const exchange = async (members: object, issuer?: string) => {
    const expected = { redirectUri: REDIRECT, state: 's', verifier: 'v'.repeat(43) };
    return exchangeCode(await at(members, issuer), new URLSearchParams({ code: 'c', state: 's' }), expected);
  };
  const INVALID: [string, object, string][] = [
    ['another issuer', { iss: 'https://evil.example' }, '"iss" (issuer)'],
    ['another audience', { aud: 'client-2' }, '"aud" (audience)'],
    ['an end that is past', { exp: seconds - 3600 }, '"exp" (expiration time)'],
  ];

  it('is read for the identity, and kept', async () => {
    const set = await exchange({}, claims.iss);
    expect([set.facts.externalUserId, set.idToken?.reveal()]).toEqual(['user-7', idToken(claims)]);
  });

  it.each(INVALID)('of %s refuses who connects, where the issuer is known', async (_name, members, claim) => {
    expect(await failureOf(exchange(members, claims.iss))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: expect.stringContaining(`Acme answered something that is no OAuth answer: unexpected JWT ${claim}`),
    });
  });

  it.each(INVALID)('of %s is left out at a refresh, so that no token is lost for it', async (_name, members) => {
    const set = await refresh(await at(members, claims.iss));
    expect([set.refreshToken?.reveal(), set.accessToken.reveal(), set.idToken, set.facts.externalUserId]).toEqual([
      'refresh-2',
      'access-1',
      undefined,
      undefined,
    ]);
  });

  it('that is none at all is left out at a refresh', async () => {
    for (const odd of ['', 'not.a.jwt', 'x', 7, {}]) {
      const { protocol } = await atServer(() => ({ json: { ...ANSWER, id_token: odd } }));
      const endpoints = { ...protocol.endpoints, issuer: claims.iss };
      const set = await refresh({ ...protocol, endpoints });
      expect([set.refreshToken?.reveal(), set.idToken]).toEqual(['refresh-2', undefined]);
    }
  });

  it('does not hide another fault of the answer', async () => {
    const { protocol } = await atServer(() => ({ json: { token_type: 'bearer', id_token: 'x' } }));
    const endpoints = { ...protocol.endpoints, issuer: claims.iss };
    expect(await failureOf(refresh({ ...protocol, endpoints }))).toMatchObject({
      code: 'BAD_RESPONSE',
      message: expect.stringContaining('"access_token"'),
    });
  });

  it('is read all the same where there is no issuer to compare with', async () => {
    const set = await exchange({ iss: 'https://whoever.example' });
    expect([set.facts.externalUserId, set.idToken !== undefined]).toEqual(['user-7', true]);
  });
});
