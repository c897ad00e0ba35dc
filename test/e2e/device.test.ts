import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { DEVICE_TO_APPROVE } from '../support/address-to-approve.ts';
import { oddServer } from '../support/odd-server.ts';
import { CLIENTS, type OidcServer, startOidcServer } from '../support/oidc-server.ts';
import { goThrough } from '../support/person.ts';
import { openTokens } from '../support/planted.ts';
import { documentOf, failureOf, type Scenario } from '../support/scenario.ts';
import { ageTokens } from '../support/store-file.ts';

type Options = NonNullable<Parameters<typeof startOidcServer>[0]>;

/** A scenario whose provider is connected by code, at a server that wants to be asked every second. */
async function atServer(options: Options = {}): Promise<{ lwi: Scenario; server: OidcServer }> {
  const server = await startOidcServer({
    change: ({ oidc, body }) => {
      if (oidc?.route === 'device_authorization') Object.assign(body as object, { interval: 1 });
    },
    ...options,
  });
  const oauth = { issuer: server.issuer, grant: 'device_code', clientAuthentication: 'none' };
  const named = { scopes: ['openid', 'offline_access'], externalId: { from: 'idToken', name: 'sub' } };
  return { server, lwi: await openAcmeScenario({ ...oauth, ...named }, { id: CLIENTS.device }) };
}

/** Begins to connect; the page and the code that the person is shown. */
async function begin(lwi: Scenario, words: readonly string[] = [], env: Record<string, string> = {}) {
  const running = lwi.start(['connect', 'acme', '--json', ...words], { env });
  const [, page = '', code = ''] = await running.said(DEVICE_TO_APPROVE);
  return { ...running, page, code, enter: `${page}?user_code=${code}` };
}

/** A browser that only notes where it was sent; `BROWSER` names it. */
function notingBrowser(lwi: Scenario): { env: Record<string, string>; opened: () => string | undefined } {
  const note = join(lwi.cwd, 'opened');
  const script = lwi.write('browser.sh', `#!/bin/sh\nprintf %s "$1" > '${note}.new' && mv '${note}.new' '${note}'\n`);
  chmodSync(script, 0o700);
  return { env: { BROWSER: script }, opened: () => (existsSync(note) ? readFileSync(note, 'utf8') : undefined) };
}

const questions = ({ exchanges }: OidcServer) => exchanges.map(({ status, answer }) => answer['error'] ?? status);

describe('connecting with a code that is entered on any device', () => {
  test('waits for the approval, and stdout holds the document alone', async () => {
    const { lwi, server } = await atServer();
    const running = await begin(lwi);
    expect([running.page, running.code]).toEqual([`${server.issuer}/device`, expect.stringMatching(/^\w{4}-\w{4}$/)]);
    await expect.poll(() => questions(server)[0], { timeout: 5000 }).toBe('authorization_pending');
    expect((await goThrough(running.enter)).text).toContain('Sign-in Success');
    const ran = await running.ended;
    expect(documentOf(ran)).toEqual({
      ...{ provider: 'acme', account: 'default', env: 'production', externalId: 'jane' },
      ...{ scopes: ['openid', 'offline_access'], expiresAt: expect.any(String) },
    });
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(questions(server).at(-1)).toBe(200);
    const secret = String(server.exchanges[0]?.form['device_code']);
    expect(ran.stderr + ran.stdout).not.toContain(secret);
  });

  test('gives tokens that are refreshed, rotated and revoked like any other', async () => {
    const { lwi, server } = await atServer();
    const running = await begin(lwi);
    await goThrough(running.enter);
    expect((await running.ended).code).toBe(0);
    ageTokens(lwi.home, 3_600_000);
    const token = (await lwi.run(['token', 'get', 'acme'])).stdout.trim();
    expect(server.exchanges.at(-1)).toMatchObject({ grant: 'refresh_token', answer: { access_token: token } });
    const [, refresh = ''] = await openTokens(lwi.home, lwi.key);
    expect(await server.honours('RefreshToken', refresh)).toBe(true);
    expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
    expect(await server.honours('RefreshToken', refresh)).toBe(false);
  });

  test('the person who refuses ends it with code 3', async () => {
    const { lwi } = await atServer();
    const running = await begin(lwi);
    await goThrough(running.enter, { refuse: true });
    expect(failureOf(await running.ended)).toMatchObject({
      ...{ exit: 3, stdout: '', error: { code: 'CONSENT_REFUSED', provider: 'acme' } },
    });
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('a code that nobody entered in its life ends it with code 3', async () => {
    const { lwi } = await atServer({ deviceLife: 2 });
    const running = await begin(lwi);
    expect(failureOf(await running.ended)).toMatchObject({
      ...{ exit: 3, stdout: '', error: { code: 'CONNECT_TIMEOUT' } },
    });
  });

  test('--timeout ends it before, with code 3', async () => {
    const { lwi } = await atServer();
    const ran = await lwi.run(['connect', 'acme', '--json', '--timeout', '1']);
    expect(failureOf(ran)).toMatchObject({
      ...{ exit: 3, stdout: '', error: { code: 'CONNECT_TIMEOUT', message: 'Nobody approved within 1 s.' } },
    });
  });

  test('Ctrl-C ends it with code 130, and nothing is stored', async () => {
    const { lwi } = await atServer();
    const running = await begin(lwi);
    running.child.kill('SIGINT');
    expect(failureOf(await running.ended)).toMatchObject({ exit: 130, stdout: '', error: { code: 'INTERRUPTED' } });
    expect(await lwi.json(['status'])).toEqual([]);
  });
});

describe('the browser', () => {
  test('is opened at the page that knows the code already, on the host of the issuer', async () => {
    const { lwi, server } = await atServer();
    const { env, opened } = notingBrowser(lwi);
    const running = await begin(lwi, [], env);
    await expect.poll(opened, { timeout: 5000 }).toBe(`${server.issuer}/device?user_code=${running.code}`);
    running.child.kill('SIGINT');
    await running.ended;
  });

  test.each([
    ['--no-browser', (own: string) => own, ['--no-browser']],
    ['a page on another host', () => 'https://elsewhere.example/device', []],
    ['a page on another port of this machine', () => 'http://127.0.0.1:9/device', []],
  ])('is not opened with %s, which is printed all the same', async (_name, where, words) => {
    const server = await oddServer(({ path, headers }) => {
      const page = where(`http://${headers.host}/device`);
      const codes = { device_code: 'd', user_code: 'ABCD-EFGH', verification_uri: page, interval: 1, expires_in: 600 };
      return path === '/codes' ? { json: codes } : { json: { access_token: 'a', token_type: 'bearer' } };
    });
    const endpoints = { tokenEndpoint: `${server.url}/token`, deviceAuthorizationEndpoint: `${server.url}/codes` };
    const oauth = { grant: 'device_code', clientAuthentication: 'none', ...endpoints };
    const lwi = await openAcmeScenario(oauth, { id: 'app' });
    const { env, opened } = notingBrowser(lwi);
    const running = await begin(lwi, words, env);
    expect([running.page, running.code]).toEqual([where(`${server.url}/device`), 'ABCD-EFGH']);
    expect((await running.ended).code).toBe(0);
    expect(opened()).toBeUndefined();
  });
});
