import { expect, test } from 'vitest';
import {
  basic,
  CALLBACK,
  CLIENT,
  call,
  callbackOf,
  connectQuickbooks,
  postForm,
  quickbooksAuthorizeUrl,
  quickbooksGet,
  quickbooksToken,
  REALM,
  startMock,
} from './started-mock.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const codeOf = async (url: string, more?: Record<string, string>) =>
  (await callbackOf(quickbooksAuthorizeUrl(url, more))).get('code') ?? '';
const exchange = (url: string, code: string, headers?: Record<string, string>, redirectUri = CALLBACK) =>
  quickbooksToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, headers);
const refresh = (url: string, refreshToken: string, headers?: Record<string, string>) =>
  quickbooksToken(url, { grant_type: 'refresh_token', refresh_token: refreshToken }, headers);
const probe = async (url: string, token: string) => (await quickbooksGet(url, token, `companyinfo/${REALM}`)).status;

test('a code gives tokens in the shape of Intuit, without the realm', async () => {
  const { url } = await startMock();
  const answer = await connectQuickbooks(url);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('intuit_tid')).toMatch(/^1-[0-9a-z]{8}-[0-9a-z]{24}$/);
  expect(answer.body).toEqual({
    token_type: 'bearer',
    access_token: expect.stringMatching(/^eyJ/),
    expires_in: 3600,
    refresh_token: expect.stringMatching(/^RT1-/),
    x_refresh_token_expires_in: 8_726_400,
  });
});

test('the hard expiry comes only to those who ask, and counts from the approval', async () => {
  const { url, clock } = await startMock();
  const { body } = await connectQuickbooks(url);
  clock.advance(HOUR);
  const asked = await refresh(url, body.refresh_token, {
    ...CLIENT,
    'x-include-refresh-token-hard-expires-in': 'true',
  });
  expect(asked.body.x_refresh_token_hard_expires_in).toBe(157_680_000 - 3600);
});

test('a second exchange of a code fails and ends the tokens of the first', async () => {
  const { url } = await startMock();
  const code = await codeOf(url);
  const first = await exchange(url, code);
  expect(await probe(url, first.body.access_token)).toBe(200);
  expect(await exchange(url, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await probe(url, first.body.access_token)).toBe(401);
  expect((await refresh(url, first.body.refresh_token)).body).toEqual({ error: 'invalid_grant' });
});

test('a code is bound to its redirect and its client, and ends after ten minutes', async () => {
  const { url, clock } = await startMock();
  const code = await codeOf(url);
  expect((await exchange(url, code, CLIENT, `${CALLBACK}/`)).body).toEqual({ error: 'invalid_grant' });
  expect((await exchange(url, code, basic('client-2', 'x'))).body).toEqual({ error: 'invalid_grant' });
  clock.advance(599_999);
  expect((await exchange(url, code)).status).toBe(200);
  const late = await codeOf(url);
  clock.advance(600_000);
  expect((await exchange(url, late)).body).toEqual({ error: 'invalid_grant' });
});

test('clients authenticate by Basic, percent-decoded, or in the body, but not both at once', async () => {
  const { url } = await startMock();
  const odd = 'id:with%+ signs';
  const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK };
  expect((await exchange(url, await codeOf(url, { client_id: odd }), basic(odd, 'p:ä%'))).status).toBe(200);

  const inBody = { ...form, client_id: 'client-1', client_secret: 's' };
  expect((await quickbooksToken(url, { ...inBody, code: await codeOf(url) }, {})).status).toBe(200);
  expect((await quickbooksToken(url, { ...inBody, code: await codeOf(url) })).body).toEqual({
    error: 'invalid_request',
  });
});

test.each([
  ['the wrong secret', basic('client-1', 'wrong-secret')],
  ['an empty secret', basic('client-1', '')],
  ['no credentials', { authorization: 'Bearer x' }],
  ['credentials that are no base64', { authorization: 'Basic !!!' }],
])('a client with %s is refused with 401', async (_what, headers) => {
  const { url } = await startMock();
  const answer = await exchange(url, await codeOf(url), headers);
  expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }]);
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Intuit"');
});

test.each([
  ['an unknown grant', { grant_type: 'magic' }, 'unsupported_grant_type'],
  ['no code', { grant_type: 'authorization_code' }, 'invalid_request'],
  ['an unknown refresh token', { grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
])('a token request with %s is a 400', async (_what, fields, error) => {
  const { url } = await startMock();
  expect(await quickbooksToken(url, fields as Record<string, string>)).toMatchObject({ status: 400, body: { error } });
});

test('the refresh token keeps its value for a day, then changes; the former works for a day more', async () => {
  const { url, clock } = await startMock();
  const first = (await connectQuickbooks(url)).body.refresh_token;
  clock.advance(DAY - 1);
  expect((await refresh(url, first)).body.refresh_token).toBe(first);
  clock.advance(1);
  const second = (await refresh(url, first)).body.refresh_token;
  expect(second).not.toBe(first);
  clock.advance(DAY - 1);
  expect((await refresh(url, first)).body.refresh_token).toBe(second);
  clock.advance(1);
  expect(await refresh(url, first)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await refresh(url, second)).status).toBe(200);
});

test('a refresh token ends after 101 days without use', async () => {
  const { url, clock } = await startMock();
  const { refresh_token } = (await connectQuickbooks(url)).body;
  clock.advance(101 * DAY);
  expect((await refresh(url, refresh_token)).body).toEqual({ error: 'invalid_grant' });
});

test('with rotateAlways each refresh rotates, and using an old token ends the whole grant', async () => {
  const { url } = await startMock({ rotateAlways: true });
  const first = (await connectQuickbooks(url)).body;
  const second = (await refresh(url, first.refresh_token)).body;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect((await refresh(url, first.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  expect((await refresh(url, second.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  expect(await probe(url, second.access_token)).toBe(401);
});

test('a refresh of another client is refused and does no harm', async () => {
  const { url } = await startMock({ rotateAlways: true });
  const { refresh_token } = (await connectQuickbooks(url)).body;
  expect((await refresh(url, refresh_token, basic('client-2', 'x'))).body).toEqual({ error: 'invalid_grant' });
  expect((await refresh(url, refresh_token)).status).toBe(200);
});

test('access tokens live an hour, or as long as the mock was told', async () => {
  const { url, clock } = await startMock();
  const { access_token } = (await connectQuickbooks(url)).body;
  clock.advance(HOUR - 1);
  expect(await probe(url, access_token)).toBe(200);
  clock.advance(1);
  expect(await probe(url, access_token)).toBe(401);

  const short = await startMock({ tokenLifetimeMs: 2500 });
  const answer = (await connectQuickbooks(short.url)).body;
  expect(answer.expires_in).toBe(3);
  short.clock.advance(2500);
  expect(await probe(short.url, answer.access_token)).toBe(401);
});

test.each(['access_token', 'refresh_token'])(
  'revoking the %s ends the connection, as JSON and as a form',
  async (which) => {
    const { url } = await startMock();
    const revoke = `${url}/quickbooks/v2/oauth2/tokens/revoke`;
    for (const asJson of [true, false]) {
      const tokens = (await connectQuickbooks(url)).body;
      const answer = asJson
        ? await call(revoke, {
            method: 'POST',
            headers: { ...CLIENT, 'content-type': 'application/json' },
            body: JSON.stringify({ token: tokens[which] }),
          })
        : await postForm(revoke, { token: tokens[which] }, CLIENT);
      expect([answer.status, answer.body]).toEqual([200, '']);
      expect(await probe(url, tokens.access_token)).toBe(401);
      expect((await refresh(url, tokens.refresh_token)).body).toEqual({ error: 'invalid_grant' });
    }
  },
);
