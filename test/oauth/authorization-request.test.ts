import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizationUrl, newAuthorization } from '../../src/oauth/authorization-request.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import type { OAuthSettings } from '../../src/providers/oauth-settings.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { acme } from '../http/support.ts';
import { protocolFor } from './support.ts';

const REQUEST = {
  redirectUri: 'http://127.0.0.1:8914/callback?x=1',
  state: 'state-1',
  verifier: 'v'.repeat(43),
  scopes: ['read', 'write'],
};

function protocol(endpoint: string | undefined, settings: Partial<OAuthSettings> = {}): Protocol {
  const provider = acme();
  const endpoints = { apiBaseUrl: 'https://x', ...(endpoint === undefined ? {} : { authorizationEndpoint: endpoint }) };
  return protocolFor(provider, endpoints, { settings: { ...provider.oauth, ...settings } });
}

const query = (url: URL) => Object.fromEntries(url.searchParams);

describe('an authorization', () => {
  it('has a fresh state and verifier of 43 unreserved characters each time (RFC 7636, 4.1)', () => {
    const drawn = Array.from({ length: 50 }, newAuthorization).flatMap(({ state, verifier }) => [state, verifier]);
    expect(new Set(drawn).size).toBe(100);
    for (const text of drawn) expect(text).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('sends the S256 challenge of its verifier, which is that of RFC 7636, appendix B', () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const url = authorizationUrl(protocol('https://id.acme.example/authorize', { pkce: true }), {
      ...REQUEST,
      verifier,
    });
    expect(query(url)).toMatchObject({
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(url.searchParams.get('code_challenge'));
  });

  it('says all that RFC 6749 (4.1.1) wants, and nothing of the secret or the verifier', () => {
    const url = authorizationUrl(protocol('https://id.acme.example/authorize?tenant=1', { pkce: false }), REQUEST);
    expect([url.origin + url.pathname, query(url)]).toEqual([
      'https://id.acme.example/authorize',
      {
        tenant: '1',
        response_type: 'code',
        client_id: 'client-1',
        redirect_uri: REQUEST.redirectUri,
        state: 'state-1',
        scope: 'read write',
      },
    ]);
    expect(url.href).not.toContain('secret-1');
    expect(url.href).not.toContain(REQUEST.verifier);
  });

  it("keeps the provider's own parameters, but for those of the standard", () => {
    const authorizationParameters = { prompt: 'consent', state: 'evil', response_type: 'token' };
    const settings = { authorizationParameters, scopeParameter: 'user_scope', scopeSeparator: ',' };
    expect(query(authorizationUrl(protocol('https://id.acme.example/', settings), REQUEST))).toMatchObject({
      prompt: 'consent',
      state: 'state-1',
      response_type: 'code',
      user_scope: 'read,write',
    });
  });

  it('asks for no scope when there is none to ask for', () => {
    const url = authorizationUrl(protocol('https://id.acme.example/'), { ...REQUEST, scopes: [] });
    expect(url.searchParams.has('scope')).toBe(false);
  });

  it('asks Slack as Slack wants it', () => {
    const bot = protocolFor(slack, {
      apiBaseUrl: 'https://x',
      authorizationEndpoint: 'https://slack.com/oauth/v2/authorize',
    });
    expect(query(authorizationUrl(bot, REQUEST))).toMatchObject({ scope: 'read,write' });
  });

  it('needs an endpoint that is https or on loopback', () => {
    expect(() => authorizationUrl(protocol(undefined), REQUEST)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
    for (const endpoint of ['http://id.acme.example/', 'javascript:alert(1)', 'ftp://localhost/']) {
      expect(() => authorizationUrl(protocol(endpoint), REQUEST)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    }
    expect(authorizationUrl(protocol('http://127.0.0.1:9/a'), REQUEST).host).toBe('127.0.0.1:9');
  });
});
