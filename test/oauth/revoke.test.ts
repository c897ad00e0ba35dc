import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/oauth/protocol.ts';
import { revoke } from '../../src/oauth/revoke.ts';
import type { OAuthSettings } from '../../src/providers/oauth-settings.ts';
import { Secret } from '../../src/secret.ts';
import { acme, failureOf } from '../http/support.ts';
import { type Answer, oddServer } from '../support/odd-server.ts';
import { protocolFor } from './support.ts';

const TOKEN = new Secret('to/k+en');
const BASIC = `Basic ${Buffer.from('client-1:secret-1').toString('base64')}`;

async function at(answer: Answer, settings: Partial<OAuthSettings>) {
  const server = await oddServer(() => answer);
  const provider = acme();
  const endpoints = { apiBaseUrl: server.url, revocationEndpoint: `${server.url}/revoke` };
  const protocol = protocolFor(provider, endpoints, { settings: { ...provider.oauth, ...settings } });
  return { ...server, protocol };
}

describe('a revocation', () => {
  it.each<[string, Partial<OAuthSettings>, object]>([
    [
      'the form of RFC 7009 (2.1)',
      { revocation: 'form', clientAuthentication: 'basic' },
      { type: 'application/x-www-form-urlencoded', authorization: BASIC, body: 'token=to%2Fk%2Ben' },
    ],
    [
      'that form with the client in it',
      { revocation: 'form', clientAuthentication: 'body' },
      {
        type: 'application/x-www-form-urlencoded',
        authorization: undefined,
        body: 'token=to%2Fk%2Ben&client_id=client-1&client_secret=secret-1',
      },
    ],
    [
      'JSON, as Intuit takes it',
      { revocation: 'json', clientAuthentication: 'basic' },
      { type: 'application/json', authorization: BASIC, body: '{"token":"to/k+en"}' },
    ],
    [
      'the token as bearer, as Slack takes it',
      { revocation: 'bearer', clientAuthentication: 'basic' },
      { type: 'application/x-www-form-urlencoded', authorization: 'Bearer to/k+en', body: '' },
    ],
  ])('is written as %s', async (_name, settings, expected) => {
    const { protocol, received } = await at({ status: 200 }, settings);
    await revoke(protocol, TOKEN);
    const sent = received.map(({ method, path, headers, body }) => ({
      ...{ method, path, body },
      type: headers['content-type'],
      authorization: headers.authorization,
    }));
    expect(sent).toEqual([{ method: 'POST', path: '/revoke', ...expected }]);
  });

  it('takes a token that had died by itself for revoked (RFC 7009, 2.2)', async () => {
    const { protocol } = await at({ status: 400, json: { error: 'invalid_grant' } }, { revocation: 'form' });
    await expect(revoke(protocol, TOKEN)).resolves.toBeUndefined();
  });

  it('says when the provider refuses, and what it said', async () => {
    const answer = { status: 401, json: { error: 'invalid_client', error_description: 'no such app' } };
    const { protocol } = await at(answer, { revocation: 'form' });
    expect(await failureOf(revoke(protocol, TOKEN))).toMatchObject({
      code: 'PROVIDER_REFUSED',
      message: 'Acme refused to revoke (the test): invalid_client: no such app',
      facts: { provider: 'acme', statusCode: 401 },
    });
  });

  it('of a kind of token that the server cannot revoke is told apart (RFC 7009, 2.2.1)', async () => {
    const { protocol } = await at({ status: 400, json: { error: 'unsupported_token_type' } }, { revocation: 'form' });
    expect(await failureOf(revoke(protocol, TOKEN))).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'Acme refused to revoke (the test): unsupported_token_type',
      facts: { providerCode: 'unsupported_token_type', statusCode: 400 },
    });
  });

  it('says when the provider wants to be asked again, and asks once (RFC 7009, 2.2.1)', async () => {
    const { protocol, received } = await at({ status: 503, headers: { 'retry-after': '30' } }, { revocation: 'form' });
    expect(await failureOf(revoke(protocol, TOKEN))).toMatchObject({
      code: 'SERVER_ERROR',
      facts: { retryAfterMs: 30_000 },
    });
    expect(received).toHaveLength(1);
  });

  it('is worth another try when the provider is in trouble', async () => {
    const { protocol } = await at({ status: 503 }, { revocation: 'form' });
    expect(await failureOf(revoke(protocol, TOKEN))).toMatchObject({ code: 'SERVER_ERROR', retryable: true });
  });

  it('never carries a token over plain http', async () => {
    const { protocol, received } = await at({ status: 200 }, { revocation: 'form' });
    const revocationEndpoint = 'http://id.acme.example/revoke';
    const insecure: Protocol = { ...protocol, endpoints: { ...protocol.endpoints, revocationEndpoint } };
    expect(await failureOf(revoke(insecure, TOKEN))).toMatchObject({ code: 'CONFIG_INVALID' });
    const { apiBaseUrl } = protocol.endpoints;
    expect(await failureOf(revoke({ ...protocol, endpoints: { apiBaseUrl } }, TOKEN))).toMatchObject({
      code: 'UNSUPPORTED',
    });
    expect(received).toEqual([]);
  });
});
