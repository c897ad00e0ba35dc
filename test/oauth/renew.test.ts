import { describe, expect, it } from 'vitest';
import { prepareRenewal } from '../../src/oauth/renew.ts';
import type { OAuthSettings } from '../../src/providers/oauth-settings.ts';
import { Secret } from '../../src/secret.ts';
import { acme, database, failureOf } from '../http/support.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { connected, fixedVault, protocolFor } from './support.ts';

const SIGNAL = new AbortController().signal;
const TOKEN = { json: { access_token: 'access-2', token_type: 'bearer' } };
const REJECTED = { status: 400, json: { error: 'invalid_grant' } };

/** Renews against a token endpoint that answers so; the grants that were asked for. */
async function renewal(settings: Partial<OAuthSettings>, answer: (request: Received) => Answer, withLogin = false) {
  const server = await oddServer(answer);
  const provider = acme();
  const endpoints = { apiBaseUrl: server.url, tokenEndpoint: `${server.url}/token` };
  const protocol = protocolFor(provider, endpoints, { settings: { ...provider.oauth, ...settings } });
  const login = { username: 'u', password: new Secret('p'), source: 'test' };
  const prepare = prepareRenewal({
    protocolFor: async () => protocol,
    loginFor: async () => (withLogin ? login : undefined),
  });
  const store = database()();
  const row = await connected(store, fixedVault(store));
  const grants = () => server.received.map(({ body }) => Object.fromEntries(new URLSearchParams(body))['grant_type']);
  const renew = async (token?: string) => {
    const spend = await prepare(row, token === undefined ? undefined : new Secret(token), SIGNAL, REPEATS);
    return spend();
  };
  return { renew, grants };
}

const REPEATS = { patience: SIGNAL, beforeRepeat: async () => {} };

const grantOf = ({ body }: Received) => new URLSearchParams(body).get('grant_type');

describe('a new token', () => {
  it('comes from the refresh token', async () => {
    const { renew, grants } = await renewal({}, () => TOKEN);
    expect((await renew('refresh-1')).accessToken.reveal()).toBe('access-2');
    expect(grants()).toEqual(['refresh_token']);
  });

  it('comes from the grant itself for client credentials', async () => {
    const { renew, grants } = await renewal({ grant: 'client_credentials' }, () => TOKEN);
    await renew();
    await renew('never to be given (RFC 6749, 4.4.3)');
    expect(grants()).toEqual(['client_credentials', 'client_credentials']);
  });

  it('comes from a new login when a password grant loses its refresh token (MyCarrierPackets)', async () => {
    const answer = (request: Received) => (grantOf(request) === 'password' ? TOKEN : REJECTED);
    const { renew, grants } = await renewal({ grant: 'password', onRefreshRejected: 'password' }, answer, true);
    await renew('refresh-1');
    await renew();
    expect(grants()).toEqual(['refresh_token', 'password', 'password']);
  });

  it('does not come from a login that is not at hand: the refusal stands', async () => {
    const { renew, grants } = await renewal({ grant: 'password', onRefreshRejected: 'password' }, () => REJECTED);
    expect(await failureOf(renew('refresh-1'))).toMatchObject({ code: 'GRANT_REJECTED' });
    expect(grants()).toEqual(['refresh_token']);
  });

  it('does not come from a login for any other trouble, because the refresh token may still be good', async () => {
    const settings = { grant: 'password', onRefreshRejected: 'password' } as const;
    const { renew, grants } = await renewal(settings, () => ({ status: 503 }), true);
    expect(await failureOf(renew('refresh-1'))).toMatchObject({ code: 'SERVER_ERROR' });
    expect(grants()).toEqual(['refresh_token']);
  });

  it('does not come from a login where the provider has another grant', async () => {
    const { renew } = await renewal({}, () => REJECTED, true);
    expect(await failureOf(renew('refresh-1'))).toMatchObject({ code: 'GRANT_REJECTED' });
  });

  it('cannot be had without a refresh token', async () => {
    const { renew, grants } = await renewal({}, () => TOKEN);
    expect(await failureOf(renew())).toMatchObject({ code: 'UNSUPPORTED', message: 'Acme gave no refresh token.' });
    expect(grants()).toEqual([]);
  });
});
