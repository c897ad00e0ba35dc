import { describe, expect, it } from 'vitest';
import { planRedirect } from '../../src/oauth/redirect.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { acme } from '../http/support.ts';

const plan = (request: Partial<Parameters<typeof planRedirect>[2]> = {}, provider = quickbooks) => {
  const { uri, ...rest } = planRedirect(provider, provider.oauth, { env: 'sandbox', ...request });
  return { uri: uri.href, ...rest };
};

describe('the redirect', () => {
  it('is the registered loopback address of the provider', () => {
    expect(plan()).toEqual({ uri: 'http://localhost:8914/callback', listenPort: 8914, relayed: false });
  });

  it('takes any free port on a loopback IP that has none (RFC 8252, 7.3)', () => {
    expect(plan({}, acme())).toEqual({ uri: 'http://127.0.0.1:0/callback', listenPort: 0, relayed: false });
  });

  it('takes another port when asked to', () => {
    expect(plan({ port: 9000 })).toEqual({ uri: 'http://localhost:9000/callback', listenPort: 9000, relayed: false });
  });

  it.each(['http://127.0.0.1:9/cb', 'http://127.0.0.5:9/cb', 'http://[::1]:9/cb', 'http://localhost:9/'])(
    'may be %s',
    (redirectUri) => expect(plan({ redirectUri })).toEqual({ uri: redirectUri, listenPort: 9, relayed: false }),
  );

  it.each([
    [{ redirectUri: 'http://127.0.0.1:80/cb' }, 'http://127.0.0.1/cb'],
    [{ redirectUri: 'http://localhost:80' }, 'http://localhost/'],
    [{ port: 80 }, 'http://localhost/callback'],
  ])('listens on port 80 where that is named, although no URL shows it: %j', (request, uri) =>
    expect(plan(request)).toEqual({ uri, listenPort: 80, relayed: false }),
  );

  it('may be an https page that forwards to the listener', () => {
    const redirectUri = 'https://acme.example/oauth?to=lwi';
    expect(plan({ redirectUri, env: 'production' })).toEqual({ uri: redirectUri, listenPort: 8914, relayed: true });
    expect(plan({ redirectUri, env: 'production', port: 9000 })).toEqual({
      uri: redirectUri,
      listenPort: 9000,
      relayed: true,
    });
  });

  it('must be given where the provider takes only https', () => {
    expect(() => plan({ env: 'production' })).toThrow(
      expect.objectContaining({
        code: 'REDIRECT_UNUSABLE',
        message: expect.stringContaining('takes no loopback redirect in production: Intuit takes only https'),
      }),
    );
  });

  it.each([
    ['http://acme.example/cb', 'A redirect URI is https, or http on a loopback host.'],
    ['http://127.0.0.1.evil.example/cb', 'A redirect URI is https, or http on a loopback host.'],
    ['ftp://localhost:9/cb', 'A redirect URI is https, or http on a loopback host.'],
    ['lwi:/callback', 'A redirect URI is https, or http on a loopback host.'],
    ['localhost/cb', '--redirect-uri is not a URL.'],
    ['http://localhost:9/cb#x', 'A redirect URI has no fragment (RFC 6749, 3.1.2).'],
  ])('may not be %s', (redirectUri, message) => {
    expect(() => plan({ redirectUri })).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it('does not pass over a port that is none', () => {
    expect(() => plan({ port: 99_999 })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
