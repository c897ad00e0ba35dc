import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { apiRequest } from '../../src/http/api-request.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { acme } from './support.ts';

const BASE = 'https://api.acme.example/v1';
const provider = acme();
const get = (path: string, externalId?: string) => apiRequest(provider, BASE, externalId, { method: 'GET', path }).url;

/** The error that a path comes to, as code and message. */
function refusal(path: string, externalId?: string): string {
  try {
    return `not refused: ${get(path, externalId)}`;
  } catch (error) {
    return isLwiError(error) ? `${error.code} ${error.message}` : String(error);
  }
}

const OUTSIDE = `USAGE The path must stay on ${BASE}.`;

describe('an API request', () => {
  it.each([
    ['/items', '/items'],
    ['items', '/items'],
    ['/items/1?a=1&b=%20x', '/items/1?a=1&b=%20x'],
    ['items?next=https://other.example/', '/items?next=https://other.example/'],
    ['/', '/'],
    ['', '/'],
    [BASE, '/'],
    [`${BASE}/items?a=1`, '/items?a=1'],
    [`${BASE}?a=1`, '/?a=1'],
    ['/items/a%2Fb', '/items/a%2Fb'],
    ['/items/..hidden/x..', '/items/..hidden/x..'],
    ['/items?q=../up', '/items?q=../up'],
    ['/items/a:b', '/items/a:b'],
    ['/items/@me', '/items/@me'],
    ['/items with blanks?q=a b ', '/items%20with%20blanks?q=a%20b%20'],
    [' https://evil.example/', '/%20https://evil.example/'],
    ['/Zürich/東京?q=Ω', '/Z%C3%BCrich/%E6%9D%B1%E4%BA%AC?q=%CE%A9'],
    ['/100%/a%2', '/100%/a%2'],
  ])('leads %j to the base URL', (path, expected) => expect(get(path)).toBe(`${BASE}${expected}`));

  it.each([
    'https://evil.example/v1/items',
    'HTTPS://evil.example/',
    'https://api.acme.example/v2/items',
    'https://api.acme.example/v1evil',
    'https://api.acme.example.evil.example/v1/items',
    'https://api.acme.example@evil.example/v1/',
    `${BASE}@evil.example/`,
    `${BASE}//evil.example/`,
    'http://api.acme.example/v1/items',
    'javascript:alert(1)',
    'file:///etc/passwd',
    '//evil.example/v1/items',
    '..',
    '../v2/items',
    '/../v2/items',
    '/items/../../v2',
    '/./items',
    '/items/.',
    '/%2e%2e/v2',
    '/%2E%2e/v2',
    '/.%2e/v2',
    '/items/%2e',
    '/items/..%2fv2',
    '/items/%2e%2e%5cv2',
    '\\\\evil.example\\',
    '/items\\..\\..\\v2',
    '/\\evil.example',
    '/items\n/x',
    '\thttps://evil.example/',
  ])('refuses %j', (path) => expect(refusal(path)).toBe(OUTSIDE));

  it('never leaves the base URL, whatever the path and the tenant', () => {
    const bit = fc.constantFrom(
      '/',
      '//',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      ':',
      '@',
      '?',
      '#',
      'a',
      'https:',
      '{externalId}',
    );
    const text = fc.array(fc.oneof(bit, fc.string()), { maxLength: 8 }).map((bits) => bits.join(''));
    fc.assert(
      fc.property(text, text, (path, externalId) => {
        let url: URL;
        try {
          url = new URL(get(path, externalId));
        } catch (error) {
          if (isLwiError(error, 'USAGE')) return;
          throw error;
        }
        expect(url.origin).toBe('https://api.acme.example');
        expect(url.pathname.startsWith('/v1/')).toBe(true);
        expect([url.username, url.password]).toEqual(['', '']);
      }),
      { numRuns: 2000 },
    );
  });

  it('fills in the id of the tenant, escaped', () => {
    expect(get('/companies/{externalId}/items?of={externalId}', 'a/b c')).toBe(
      `${BASE}/companies/a%2Fb%20c/items?of=a%2Fb%20c`,
    );
    expect(refusal('/companies/{externalId}', '..')).toBe(OUTSIDE);
  });

  it('says so when there is no id to fill in', () => {
    expect(refusal('/companies/{externalId}')).toBe('USAGE This connection has no external id to fill in.');
  });

  it('says so too when the provider puts the id in by itself', () => {
    const base = 'https://quickbooks.api.intuit.com';
    expect(() => apiRequest(quickbooks, base, undefined, { method: 'GET', path: 'invoice/1' })).toThrow(
      'This connection has no external id to fill in.',
    );
    const { url } = apiRequest(quickbooks, base, '9130', { method: 'GET', path: 'invoice/1' });
    expect(url).toBe(`${base}/v3/company/9130/invoice/1?minorversion=75`);
  });

  it("keeps the base's path, with or without a slash at its end", () => {
    for (const base of [BASE, `${BASE}/`]) {
      expect(apiRequest(provider, base, undefined, { method: 'GET', path: '/items' }).url).toBe(`${BASE}/items`);
    }
  });

  it("adds the request's query to that of the path, and the provider's where it is not set", () => {
    const withDefaults = { ...provider, api: { ...provider.api, query: { version: '75', size: '10' } } };
    const url = (query: readonly (readonly [string, string])[] | Record<string, string>) =>
      apiRequest(withDefaults, BASE, undefined, { method: 'GET', path: '/items?size=2', query }).url;
    expect(url({ a: 'x&y' })).toBe(`${BASE}/items?size=2&a=x%26y&version=75`);
    expect(
      url([
        ['a', '1'],
        ['a', '2'],
        ['version', '3'],
      ]),
    ).toBe(`${BASE}/items?size=2&a=1&a=2&version=3`);
  });

  it("carries method, body and headers; the caller's win over the provider's", () => {
    const request = { method: 'POST', path: '/items', headers: { accept: 'text/csv', 'x-a': '1' }, body: '{}' };
    expect(apiRequest(provider, BASE, undefined, request)).toEqual({
      method: 'POST',
      url: `${BASE}/items`,
      headers: { accept: 'text/csv', 'x-a': '1' },
      body: '{}',
    });
  });
});
