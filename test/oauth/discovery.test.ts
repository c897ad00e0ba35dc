import { describe, expect, it } from 'vitest';
import { discover, metadataUrls } from '../../src/oauth/discovery.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import { acme, failureOf } from '../http/support.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

const OAUTH = '/.well-known/oauth-authorization-server/tenant';
const OPENID = '/tenant/.well-known/openid-configuration';

/** An issuer with a path, whose documents are these. */
async function issuer(answer: (request: Received, issuer: string) => Answer) {
  let url = '';
  const server = await oddServer((request) => answer(request, url));
  url = `${server.url}/tenant`;
  const clock = virtualClock();
  const ask = (more: Partial<Protocol['endpoints']> = {}) =>
    clock.until(discover(protocolFor(acme(), { apiBaseUrl: 'https://x', issuer: url, ...more }, { clock })));
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

  it('asks nobody when all is known', async () => {
    const { ask, received } = await issuer((_request, own) => metadata(own));
    const known = { tokenEndpoint: 'https://a.example/t', authorizationEndpoint: 'https://a.example/a' };
    expect((await ask(known)).endpoints).toMatchObject(known);
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
      facts: { provider: 'acme', account: 'acme' },
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
