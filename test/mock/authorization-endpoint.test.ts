import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import {
  CALLBACK,
  call,
  callbackOf,
  quickbooksAuthorizeUrl,
  quickbooksToken,
  REALM,
  startMock,
} from './started-mock.ts';

const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

test('the page names the app and its scopes, offers both companies and loads nothing', async () => {
  const { url } = await startMock();
  const page = await call(quickbooksAuthorizeUrl(url, { client_id: '<b>app</b>' }));
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' http:\/\/127.0.0.1:8765 /);
  const style = /<style>([\s\S]*?)<\/style>/.exec(page.body)?.[1] ?? '';
  expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
  expect(page.body).toContain('<title>Connect QuickBooks Online</title>');
  expect(page.body).toContain('&#60;b&#62;app&#60;/b&#62;');
  expect(page.body).not.toContain('<b>app</b>');
  expect(page.body).toContain('<code>com.intuit.quickbooks.accounting</code>');
  expect(page.body.match(/<input type="radio"[^>]*>/g)).toEqual([
    '<input type="radio" name="company" value="9130000000000001" checked>',
    '<input type="radio" name="company" value="9130000000000002">',
  ]);
  expect(page.body.match(/<button[^>]*>(\w+)/g)).toHaveLength(2);
  expect(page.body).not.toMatch(/<script|src=|<link/);
});

test('approving redirects with code, state and realm, and keeps the query of the redirect', async () => {
  const { url } = await startMock();
  const location = new URL(
    await approve(quickbooksAuthorizeUrl(url, { redirect_uri: `${CALLBACK}?from=lwi`, state: 'a b&c' })),
  );
  expect(location.origin + location.pathname).toBe(CALLBACK);
  const { code, ...rest } = Object.fromEntries(location.searchParams);
  expect(rest).toEqual({ from: 'lwi', state: 'a b&c', realmId: REALM });
  expect(code).toMatch(/^[\w-]{43}$/);
  expect((await callbackOf(quickbooksAuthorizeUrl(url), { company: 1 })).get('realmId')).toBe('9130000000000002');
});

test('denying redirects with access_denied and the state', async () => {
  const { url } = await startMock();
  const answer = await callbackOf(quickbooksAuthorizeUrl(url), { deny: true });
  expect(Object.fromEntries(answer)).toEqual({ error: 'access_denied', state: 'state-1' });
});

test.each([
  ['no client', { client_id: '' }],
  ['no redirect', { redirect_uri: '' }],
  ['a redirect over http to another machine', { redirect_uri: 'http://example.com/callback' }],
  ['a redirect with a fragment', { redirect_uri: 'https://example.com/#x' }],
  ['a redirect that is a script', { redirect_uri: 'javascript:alert(1)' }],
])('a request with %s is refused on a page and never redirected', async (_what, more) => {
  const { url } = await startMock();
  const answer = await call(quickbooksAuthorizeUrl(url, more), { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
});

test.each([
  ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
  ['no scope', { scope: '' }, 'invalid_scope'],
  ['a plain challenge', { code_challenge: CHALLENGE, code_challenge_method: 'plain' }, 'invalid_request'],
  ['a challenge without method', { code_challenge: CHALLENGE }, 'invalid_request'],
])('a request with %s redirects with the error', async (_what, more, error) => {
  const { url } = await startMock();
  expect(Object.fromEntries(await callbackOf(quickbooksAuthorizeUrl(url, more)))).toEqual({ error, state: 'state-1' });
});

test('with a challenge the code works with its verifier only, and without one no verifier is taken', async () => {
  const { url } = await startMock();
  const challenged = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
  const fields = { grant_type: 'authorization_code', redirect_uri: CALLBACK };
  const exchange = (code: string, verifier?: string) =>
    quickbooksToken(url, { ...fields, code, ...(verifier === undefined ? {} : { code_verifier: verifier }) });

  const code = (await callbackOf(quickbooksAuthorizeUrl(url, challenged))).get('code') ?? '';
  expect((await exchange(code)).status).toBe(400);
  expect((await exchange(code, 'w'.repeat(43))).body).toEqual({ error: 'invalid_grant' });
  expect((await exchange(code, VERIFIER)).status).toBe(200);

  const plain = (await callbackOf(quickbooksAuthorizeUrl(url))).get('code') ?? '';
  expect((await exchange(plain, VERIFIER)).body).toEqual({ error: 'invalid_grant' });
});
