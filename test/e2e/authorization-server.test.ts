import { describe, expect, test } from 'vitest';
import { openAcmeScenario } from '../support/acme-scenario.ts';
import { CLIENTS, type OidcServer, SECRET, startOidcServer } from '../support/oidc-server.ts';
import { goThrough } from '../support/person.ts';
import { openTokens } from '../support/planted.ts';
import { documentOf, failureOf, inThisProcess, type Scenario, visit } from '../support/scenario.ts';
import { ageTokens } from '../support/store-file.ts';

const HOUR_MS = 3_600_000;

/** What a server sees is the same from a process of its own, in which `start` and `startConnect` still run. */
const openHere = async (...acme: Parameters<typeof openAcmeScenario>) => inThisProcess(await openAcmeScenario(...acme));

/** A public native client at the server: everything but issuer and scopes is discovered. */
const native = ({ issuer }: OidcServer, more: object = {}) =>
  openHere(
    {
      ...{ issuer, clientAuthentication: 'none', scopes: ['openid', 'offline_access', 'read'] },
      ...{ authorizationParameters: { prompt: 'consent' }, externalId: { from: 'idToken', name: 'sub' }, ...more },
    },
    { id: CLIENTS.native },
  );

/** Connects, with somebody who logs in and approves on the server's own pages. */
async function connect(lwi: Scenario, words: readonly string[] = []): Promise<unknown> {
  const running = await lwi.startConnect(['acme', '--json', ...words]);
  const { address } = await goThrough(running.address);
  await visit(address);
  return documentOf(await running.ended);
}

const grantsOf = ({ exchanges }: OidcServer) => exchanges.map(({ grant, status }) => `${grant} ${status}`);
const force = ['token', 'refresh', 'acme', '--force', '--json'];

describe('a public client at a certified authorization server', () => {
  test('connects with PKCE on any port, and gets the scopes that were granted', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    expect(await connect(lwi, ['--scope', 'openid', 'read', 'unheard-of'])).toEqual({
      ...{ provider: 'acme', account: 'default', env: 'production', externalId: 'jane', scopes: ['openid', 'read'] },
      expiresAt: expect.any(String),
    });
    expect(server.exchanges).toMatchObject([
      { grant: 'authorization_code', status: 200, basic: false, form: { client_id: CLIENTS.native } },
    ]);
    expect(await lwi.json(['token', 'inspect', 'acme'])).toMatchObject({
      claims: { iss: server.issuer, aud: CLIENTS.native, sub: 'jane' },
      health: 'valid',
    });
  });

  test('is refused without PKCE, which says that the server does look', async () => {
    const server = await startOidcServer();
    const lwi = await native(server, { pkce: false });
    const running = await lwi.startConnect(['acme', '--json']);
    await visit((await goThrough(running.address)).address);
    expect(failureOf(await running.ended)).toMatchObject({
      exit: 3,
      error: { code: 'GRANT_REJECTED', providerCode: 'invalid_request' },
    });
    expect(server.exchanges).toEqual([]);
  });

  test('the person who refuses on the page of the server ends it with code 3', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    const running = await lwi.startConnect(['acme', '--json']);
    await visit((await goThrough(running.address, { refuse: true })).address);
    expect(failureOf(await running.ended)).toMatchObject({ exit: 3, error: { code: 'CONSENT_REFUSED' } });
  });

  test('a redirect that names another issuer, or none although the server announces it, does not count', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    const running = await lwi.startConnect(['acme', '--json']);
    const good = new URL((await goThrough(running.address)).address);
    expect(good.searchParams.get('iss')).toBe(server.issuer);
    const status = async (change: (url: URL) => void) => {
      const url = new URL(good);
      change(url);
      return (await visit(url.href)).status;
    };
    expect([
      await status(({ searchParams }) => searchParams.set('iss', 'https://elsewhere.example')),
      await status(({ searchParams }) => searchParams.set('iss', `${server.issuer}/`)),
      await status(({ searchParams }) => searchParams.delete('iss')),
    ]).toEqual([400, 400, 400]);
    expect(server.exchanges).toEqual([]);
    expect(await status(() => {})).toBe(200);
    expect(documentOf(await running.ended)).toMatchObject({ externalId: 'jane' });
  });

  test('a pasted redirect of another issuer is refused as well', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    const running = await lwi.startConnect(['acme', '--json', '--paste'], { stdin: 'open' });
    const url = new URL((await goThrough(running.address)).address);
    url.searchParams.delete('iss');
    running.child.stdin?.end(`${url.href}\n`);
    expect(failureOf(await running.ended)).toMatchObject({ exit: 5, error: { code: 'BAD_RESPONSE' } });
    expect(server.exchanges).toEqual([]);
  });
});

describe('refresh tokens that rotate', () => {
  test('each refresh spends the token that the one before brought', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    await connect(lwi);
    for (const _ of [1, 2, 3]) expect(await lwi.json(force)).toMatchObject([{ outcome: 'refreshed' }]);
    const given = server.exchanges.map(({ answer }) => answer['refresh_token']);
    expect(new Set(given).size).toBe(4);
    expect(server.exchanges.slice(1).map(({ form }) => form['refresh_token'])).toEqual(given.slice(0, 3));
    expect((await lwi.run(['token', 'get', 'acme'])).stdout.trim()).toBe(server.exchanges[3]?.answer['access_token']);
    expect(await lwi.json(['token', 'inspect', 'acme'])).toMatchObject({ refreshCount: 3, claims: { sub: 'jane' } });
  });

  test('a token that lives for a second is refreshed by who needs it next', async () => {
    const server = await startOidcServer({ life: 1 });
    const lwi = await native(server);
    await connect(lwi);
    const tokenOf = async () => (await lwi.run(['token', 'get', 'acme'])).stdout.trim();
    const first = server.exchanges[0]?.answer['access_token'];
    await expect.poll(tokenOf, { timeout: 10_000 }).not.toBe(first);
    expect(new Set(grantsOf(server))).toEqual(new Set(['authorization_code 200', 'refresh_token 200']));
  });

  test('ten processes with an expired token cause one refresh, and all get its token', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    await connect(lwi);
    ageTokens(lwi.home, HOUR_MS);
    const ran = await Promise.all(Array.from({ length: 10 }, () => lwi.start(['token', 'get', 'acme']).ended));
    expect(grantsOf(server)).toEqual(['authorization_code 200', 'refresh_token 200']);
    const token = server.exchanges[1]?.answer['access_token'];
    expect(ran.map(({ code, stdout }) => [code, stdout.trim()])).toEqual(Array(10).fill([0, token]));
  });

  test('when an old one comes back the server ends the grant, and lwi says so once and asks no more', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    await connect(lwi);
    const [, old = ''] = await openTokens(lwi.home, lwi.key);
    await lwi.json(force);
    const [, current = ''] = await openTokens(lwi.home, lwi.key);
    expect(await server.honours('RefreshToken', current)).toBe(true);

    const form = { grant_type: 'refresh_token', refresh_token: old, client_id: CLIENTS.native };
    const replayed = await fetch(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
    expect([replayed.status, await replayed.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    expect(await server.honours('RefreshToken', current)).toBe(false);

    ageTokens(lwi.home, HOUR_MS);
    const before = server.exchanges.length;
    for (const words of [['token', 'get', 'acme', '--json'], force, ['api', 'acme', '/me', '--json']]) {
      expect(failureOf(await lwi.run(words))).toMatchObject({ exit: 3, error: { code: 'RECONNECT_REQUIRED' } });
    }
    expect(server.exchanges.length).toBe(before + 1);
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'reconnect' }]);

    expect(await connect(lwi)).toMatchObject({ externalId: 'jane' });
    expect(await lwi.json(force)).toMatchObject([{ outcome: 'refreshed' }]);
  });
});

describe('disconnecting', () => {
  test('ends the grant at the server: neither token is honoured any more', async () => {
    const server = await startOidcServer();
    const lwi = await native(server);
    await connect(lwi);
    const [access = '', refresh = ''] = await openTokens(lwi.home, lwi.key);
    const honoured = async () => [
      await server.honours('AccessToken', access),
      await server.honours('RefreshToken', refresh),
    ];
    expect(await honoured()).toEqual([true, true]);
    expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
    expect(await honoured()).toEqual([false, false]);
    expect(await lwi.json(['status'])).toEqual([]);
  });

  test('finds the revocation endpoint also where the definition names all others', async () => {
    const server = await startOidcServer();
    const { issuer } = server;
    const lwi = await native(server, { authorizationEndpoint: `${issuer}/auth`, tokenEndpoint: `${issuer}/token` });
    await connect(lwi);
    const [, refresh = ''] = await openTokens(lwi.home, lwi.key);
    expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
    expect(await server.honours('RefreshToken', refresh)).toBe(false);
  });

  test('deletes nothing while the server is in trouble, and says when to come back', async () => {
    const server = await startOidcServer({
      change: (exchange) => {
        if (exchange.oidc?.route !== 'revocation') return;
        exchange.status = 503;
        exchange.set('retry-after', '30');
      },
    });
    const lwi = await native(server);
    await connect(lwi);
    expect(failureOf(await lwi.run(['disconnect', 'acme', '--json']))).toMatchObject({
      exit: 5,
      error: { code: 'SERVER_ERROR', retryAfterMs: 30_000, message: expect.stringContaining('Nothing was deleted') },
    });
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'valid' }]);
  });
});

describe('a confidential client whose id and secret are full of signs', () => {
  const confidential = (server: OidcServer, oauth: object, secret = SECRET) =>
    openHere({ issuer: server.issuer, scopes: ['openid'], ...oauth }, { id: CLIENTS.confidential, secret });

  test.each([
    ['by Basic', { clientAuthentication: 'basic' }, 'client_secret_basic', true],
    ['in the body', { clientAuthentication: 'body' }, 'client_secret_post', false],
    ['by Basic, because the server announces it', {}, 'client_secret_basic', true],
    ['in the body, because the server announces nothing else', {}, 'client_secret_post', false],
  ] as const)('is known %s, at every request', async (_name, oauth, method, basic) => {
    const server = await startOidcServer({ methods: [method] });
    const lwi = await confidential(server, oauth);
    await connect(lwi);
    expect(await lwi.json(force)).toMatchObject([{ outcome: 'refreshed' }]);
    const [, refresh = ''] = await openTokens(lwi.home, lwi.key);
    expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
    expect(await server.honours('RefreshToken', refresh)).toBe(false);
    expect(server.exchanges.map((one) => [one.grant, one.status, one.basic])).toEqual([
      ['authorization_code', 200, basic],
      ['refresh_token', 200, basic],
    ]);
  });

  test('with a wrong secret is told so: code 3, and the browser too', async () => {
    const server = await startOidcServer();
    const lwi = await confidential(server, {}, 'another secret');
    const running = await lwi.startConnect(['acme', '--json']);
    const page = await visit((await goThrough(running.address)).address);
    const ran = await running.ended;
    expect(failureOf(ran)).toMatchObject({
      exit: 3,
      error: { code: 'CLIENT_REJECTED', providerCode: 'invalid_client' },
    });
    expect(page.text).toContain('Not connected');
    expect(ran.stderr).not.toContain('another secret');
  });
});

describe('client credentials', () => {
  const service = (server: OidcServer) =>
    openHere(
      { issuer: server.issuer, grant: 'client_credentials', scopes: ['read', 'write'] },
      { id: CLIENTS.service, secret: SECRET },
    );

  test('need no browser; a due token is renewed by the grant itself, once for all processes', async () => {
    const server = await startOidcServer();
    const lwi = await service(server);
    expect(await lwi.json(['connect', 'acme'])).toEqual({
      ...{ provider: 'acme', account: 'default', env: 'production', scopes: ['read', 'write'] },
      expiresAt: expect.any(String),
    });
    ageTokens(lwi.home, HOUR_MS);
    const ran = await Promise.all(Array.from({ length: 4 }, () => lwi.start(['token', 'get', 'acme']).ended));
    const token = server.exchanges[1]?.answer['access_token'];
    expect(ran.map(({ stdout }) => stdout.trim())).toEqual(Array(4).fill(token));
    expect(server.exchanges.map(({ grant, form, basic }) => [grant, form['scope'], basic])).toEqual([
      ['client_credentials', 'read write', true],
      ['client_credentials', 'read write', true],
    ]);
    expect(await lwi.json(['disconnect', 'acme'])).toMatchObject({ remote: 'revoked' });
  });

  test('may bring an access token that is a JWT, whose claims are shown', async () => {
    const api = 'https://api.acme.example';
    const server = await startOidcServer({ jwtFor: api });
    const lwi = await service(server);
    await lwi.json(['connect', 'acme']);
    expect(await lwi.json(['token', 'inspect', 'acme'])).toMatchObject({
      claims: { iss: server.issuer, aud: api, client_id: CLIENTS.service, scope: 'read write' },
    });
  });
});
