import { describe, expect, it } from 'vitest';
import { discover, metadataUrls } from '../../src/oauth/discovery.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import type { OAuthDefinition } from '../../src/providers/generic/definition.ts';
import { acme, failureOf } from '../http/support.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

type Grant = NonNullable<OAuthDefinition['grant']>;

const OAUTH = '/.well-known/oauth-authorization-server/tenant';
const OPENID = '/tenant/.well-known/openid-configuration';

/** An issuer with a path, whose documents are these. */
async function issuer(answer: (request: Received, issuer: string) => Answer) {
  let url = '';
  const server = await oddServer((request) => answer(request, url));
  url = `${server.url}/tenant`;
  const clock = virtualClock();
  const ask = (
    more: Partial<Protocol['endpoints']> = {},
    oauth: OAuthDefinition = {},
    purpose?: Parameters<typeof discover>[1],
  ) => {
    const provider = acme({ oauth: { issuer: url, clientAuthentication: 'basic', ...oauth } });
    const protocol = protocolFor(provider, { apiBaseUrl: 'https://x', issuer: url, ...more }, { clock });
    return clock.until(discover(protocol, purpose));
  };
  return { ...server, url, ask };
}

const metadata = (url: string, more: object = {}) => ({
  json: {
    issuer: url,
    authorization_endpoint: 'https://id.acme.example/authorize',
    token_endpoint: `${url}/token`,
    revocation_endpoint: 'https://id.acme.example/revoke',
    device_authorization_endpoint: 'https://id.acme.example/device',
    ...more,
  },
});

const found = (url: string) => ({
  authorizationEndpoint: 'https://id.acme.example/authorize',
  tokenEndpoint: `${url}/token`,
  revocationEndpoint: 'https://id.acme.example/revoke',
  deviceAuthorizationEndpoint: 'https://id.acme.example/device',
  issuer: url,
  apiBaseUrl: 'https://x',
});

describe('discovery', () => {
  it('reads the document of RFC 8414, whose place is before the path of the issuer', async () => {
    const { ask, received, url } = await issuer((request, own) =>
      request.path === OAUTH ? metadata(own) : { status: 404 },
    );
    expect(await ask()).toEqual({ endpoints: found(url), issuerInRedirect: false });
    expect(received.map(({ method, path }) => [method, path])).toEqual([['GET', OAUTH]]);
  });

  it('reads the document of OpenID Connect where there is no other, whose place is behind the path', async () => {
    const { ask, received, url } = await issuer((request, own) =>
      request.path === OPENID ? metadata(own) : { status: 404 },
    );
    expect((await ask()).endpoints).toEqual(found(url));
    expect(received.map(({ path }) => path)).toEqual([OAUTH, OPENID]);
  });

  it('overrides nothing that is known already', async () => {
    const { ask } = await issuer((_request, own) => metadata(own));
    const { endpoints } = await ask({ tokenEndpoint: 'https://mine.example/token' });
    expect(endpoints.tokenEndpoint).toBe('https://mine.example/token');
  });

  const KNOWN = { tokenEndpoint: 'https://a.example/t', revocationEndpoint: 'https://a.example/r' };

  it.each<[Grant, Partial<Protocol['endpoints']>]>([
    ['authorization_code', { authorizationEndpoint: 'https://a.example/a' }],
    ['device_code', { deviceAuthorizationEndpoint: 'https://a.example/d' }],
    ['client_credentials', {}],
    ['password', {}],
  ])('asks nobody when all is known that the grant %s needs', async (grant, more) => {
    const { ask, received, url } = await issuer((_request, own) => metadata(own));
    const known = { ...KNOWN, ...more };
    expect(await ask(known, { grant })).toEqual({ endpoints: { apiBaseUrl: 'https://x', issuer: url, ...known } });
    expect(received).toEqual([]);
  });

  it.each<[string, keyof Protocol['endpoints'], Grant, object]>([
    ['the revocation endpoint', 'revocationEndpoint', 'client_credentials', { tokenEndpoint: KNOWN.tokenEndpoint }],
    ['the device authorization endpoint', 'deviceAuthorizationEndpoint', 'device_code', KNOWN],
    ['the authorization endpoint', 'authorizationEndpoint', 'authorization_code', KNOWN],
  ])('looks for %s when that alone is missing', async (_name, name, grant, known) => {
    const { ask, url } = await issuer((_request, own) => metadata(own));
    const { endpoints } = await ask(known, { grant }, 'revocation');
    expect(endpoints).toEqual({ ...found(url), ...known });
    expect(endpoints[name]).toMatch(/^https:\/\/id\.acme\.example\//);
  });

  it('does without metadata when nothing but the revocation is missing, and the issuer has none', async () => {
    const { ask, received } = await issuer(() => ({ status: 404 }));
    const known = { tokenEndpoint: KNOWN.tokenEndpoint };
    const { endpoints } = await ask(known, { grant: 'client_credentials' }, 'revocation');
    expect(endpoints).toMatchObject(known);
    expect(received).toHaveLength(2);
  });

  it('is not needed for a refresh when nothing but the revocation is missing', async () => {
    const { ask, received } = await issuer((_request, own) => metadata(own));
    await ask({ tokenEndpoint: KNOWN.tokenEndpoint }, { grant: 'client_credentials' });
    expect(received).toEqual([]);
  });

  it.each<[string, readonly string[] | undefined, OAuthDefinition['clientAuthentication'], string | undefined]>([
    ['body where nothing else is announced', ['client_secret_post', 'private_key_jwt'], undefined, 'body'],
    ['Basic where both are announced', ['client_secret_post', 'client_secret_basic'], undefined, undefined],
    ['Basic where nothing is announced', undefined, undefined, undefined],
    ['Basic where only others are announced', ['private_key_jwt'], undefined, undefined],
    ['what the definition says, whatever is announced', ['client_secret_post'], 'basic', undefined],
  ])('takes for the authentication of the client %s', async (_name, methods, clientAuthentication, changed) => {
    const more = { token_endpoint_auth_methods_supported: methods };
    const { url } = await issuer((_request, own) => metadata(own, more));
    const oauth = clientAuthentication === undefined ? {} : { clientAuthentication };
    const provider = acme({ oauth: { issuer: url, ...oauth } });
    const { settings } = await discover(protocolFor(provider, { apiBaseUrl: 'https://x', issuer: url }));
    expect(settings).toEqual(changed && { ...provider.oauth, clientAuthentication: changed });
  });

  it('reads the second document where the first place answers with a page, as sites do that answer every path', async () => {
    const { ask, url } = await issuer((request, own) => (request.path === OAUTH ? { html: '<html>' } : metadata(own)));
    expect((await ask()).endpoints).toEqual(found(url));
  });

  it('says when the issuer is but written with a slash too few', async () => {
    const { ask, url } = await issuer((_request, own) => metadata(`${own}/`));
    const which = `the metadata of ${url} belongs to another issuer, which is written with a slash at its end`;
    expect(await failureOf(ask())).toMatchObject({ message: `The endpoints of Acme cannot be discovered: ${which}.` });
  });

  it('asks nobody over plain http', async () => {
    const { ask, received } = await issuer((_request, own) => metadata(own));
    expect(await failureOf(ask({ issuer: 'http://id.acme.example' }))).toMatchObject({ code: 'BAD_RESPONSE' });
    expect(received).toEqual([]);
  });

  it('learns whether redirects name the issuer (RFC 9207)', async () => {
    const more = { authorization_response_iss_parameter_supported: true };
    const { ask } = await issuer((_request, own) => metadata(own, more));
    expect((await ask()).issuerInRedirect).toBe(true);
  });

  it.each<[string, (own: string) => Answer]>([
    ["another issuer's document", () => metadata('https://evil.example')],
    ['an issuer that differs by a slash', (own) => metadata(`${own}/`)],
    ['a document without issuer', (own) => metadata(own, { issuer: undefined })],
    ['an endpoint over plain http', (own) => metadata(own, { revocation_endpoint: 'http://id.acme.example/revoke' })],
    ['an endpoint that is no URL', (own) => metadata(own, { token_endpoint: '/token' })],
    ['a page', () => ({ html: '<html></html>' })],
    ['nothing at all', () => ({ status: 404 })],
    ['a redirect', () => ({ status: 302, headers: { location: 'https://evil.example/' } })],
  ])('does not believe %s', async (_name, answer) => {
    const { ask } = await issuer((_request, own) => answer(own));
    expect(await failureOf(ask())).toMatchObject({
      code: 'BAD_RESPONSE',
      message: expect.stringMatching(/^The endpoints of Acme cannot be discovered: /),
      facts: { provider: 'acme', account: 'acme', unsent: true },
    });
  });

  it('is repeated when the issuer is in trouble, because it only reads', async () => {
    let asked = 0;
    const { ask, url } = await issuer((_request, own) => (++asked < 3 ? { status: 503 } : metadata(own)));
    expect((await ask()).endpoints).toEqual(found(url));
  });

  it('knows the place of both documents, with and without a path', () => {
    expect([metadataUrls('https://id.acme.example'), metadataUrls('https://id.acme.example/a/')]).toEqual([
      [
        'https://id.acme.example/.well-known/oauth-authorization-server',
        'https://id.acme.example/.well-known/openid-configuration',
      ],
      [
        'https://id.acme.example/.well-known/oauth-authorization-server/a',
        'https://id.acme.example/a/.well-known/openid-configuration',
      ],
    ]);
  });
});
