import { describe, expect, test } from 'vitest';
import { browserCheck } from '../../../src/checks/machine/browser.ts';
import { environmentCheck } from '../../../src/checks/machine/environment.ts';
import { proxyCheck } from '../../../src/checks/machine/proxy.ts';
import { said } from './support.ts';

const SECRET = 'planted-secret-value';

describe('the variables of lwi', () => {
  const check = (environment: Record<string, string>, foreign: readonly string[] = []) =>
    said(
      environmentCheck({
        ...{ environment, providerIds: async () => ['quickbooks', 'my-own'], foreign: async () => foreign },
      }),
    );

  test('are told by name, never by value', async () => {
    const text = await check({
      LWI_MY_OWN_CLIENT_SECRET: SECRET,
      LWI_ENV: 'mock',
      LWI_WHATEVER_ELSE: SECRET,
      HOME: '/',
    });
    expect(text).toBe('pass in force: LWI_ENV, LWI_MY_OWN_CLIENT_SECRET; not known to lwi: LWI_WHATEVER_ELSE');
    expect(await check({})).toBe('pass no variable of lwi is set');
    expect(await check({}, ['PGPASSWORD'])).toBe('pass in force: PGPASSWORD');
    const other = await check({ LWI_DATABASE_URL: `postgres://u:${SECRET}@db` });
    expect(other).toBe('pass in force: LWI_DATABASE_URL');
  });

  test.each([
    ['misspelt', { LWI_ACOUNT: 'x' }, 'LWI_ACOUNT is not known (LWI_ACCOUNT is)'],
    ['of a misspelt provider', { LWI_QUICKBOKS_TOKEN: SECRET }, '(LWI_QUICKBOOKS_TOKEN is)'],
    ['two of which one can hold', { LWI_ENCRYPTION_KEY: SECRET, LWI_ENCRYPTION_KEY_FILE: '/k' }, 'are both set'],
    ['an empty one of the two', { LWI_ENCRYPTION_KEY: '', LWI_ENCRYPTION_KEY_FILE: '/k' }, 'are both set'],
    ['no environment', { LWI_ENV: 'sandbx' }, 'LWI_ENV: "sandbx" is no environment'],
    ['no account', { LWI_ACCOUNT: 'a b' }, 'LWI_ACCOUNT: "a b" is no account id'],
    ['an empty home', { LWI_HOME: '' }, 'LWI_HOME is empty'],
    ['no URL', { LWI_MOCK_URL: 'localhost' }, 'LWI_MOCK_URL is no URL'],
    ['an empty database', { LWI_DATABASE_URL: '' }, 'LWI_DATABASE_URL is empty'],
  ])('%s fail', async (_, environment, reason) => {
    const text = await check(environment as unknown as Record<string, string>);
    expect(text).toContain(reason);
    expect(text).toMatch(/^fail /);
    expect(text).not.toContain(SECRET);
  });
});

describe('what stands between lwi and the providers', () => {
  const check = (environment: Record<string, string>) => said(proxyCheck({ environment }));

  test.each([
    ['nothing', {}, 'pass none'],
    [
      "http's proxy, which serves https too, without its password",
      { HTTP_PROXY: `http://user:${SECRET}@proxy.example:3128/`, NO_PROXY: 'localhost' },
      'pass providers are reached through http://proxy.example:3128 for https, http://proxy.example:3128 for http; but not localhost; webhooks, and whatever is on this machine, go without a proxy',
    ],
    [
      'small letters first',
      { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:2' },
      'pass providers are reached through http://small:1 for https, no proxy for http; webhooks, and whatever is on this machine, go without a proxy',
    ],
    ['a variable that is not obeyed', { ALL_PROXY: 'http://x:1' }, 'pass none: ALL_PROXY is set, but only'],
    ['no proxy at all', { HTTPS_PROXY: SECRET }, 'fail HTTPS_PROXY is no URL of a proxy'],
    ['certificates that are not checked', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'fail NODE_TLS_REJECT_UNAUTHORIZED=0'],
    ['authorities that are not there', { NODE_EXTRA_CA_CERTS: '/nowhere.pem' }, 'fail the file in NODE_EXTRA_CA_CERTS'],
  ])('%s', async (_, environment, expected) => {
    const text = await check(environment as unknown as Record<string, string>);
    expect(text.startsWith(expected)).toBe(true);
    expect(text).not.toContain(SECRET);
  });
});

test.each([
  [{ chosen: 'nothing-such:sh %s', here: true }, /^pass sh opens addresses/],
  [{ chosen: 'nothing-such', here: true }, /^fail BROWSER names nothing-such.* next: .*`lwi connect/],
  [{ chosen: undefined, here: true }, /^pass the desktop's own choice$/],
  [{ chosen: undefined, here: false }, /^skip there is none to open here/],
])('the browser of %o', async (deps, expected) => {
  expect(await said(browserCheck({ ...deps, path: '/usr/bin:/bin' }))).toMatch(expected);
});
