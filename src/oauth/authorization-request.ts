import { createHash, randomBytes } from 'node:crypto';
import type { Protocol } from './protocol.ts';
import { requiredEndpoint } from './required-endpoint.ts';

/** 32 random bytes: 43 characters, which is what RFC 7636 (4.1) advises for a verifier. */
const RANDOM_BYTES = 32;

/** Fresh `state` and PKCE verifier for one authorization request (RFC 6749 10.12, RFC 7636 4.1). */
export function newAuthorization(): { state: string; verifier: string } {
  const random = () => randomBytes(RANDOM_BYTES).toString('base64url');
  return { state: random(), verifier: random() };
}

/**
 * The URL that the person opens (RFC 6749 4.1.1), with a challenge of method S256 and never `plain` (RFC 7636 4.2 and 4.3, RFC 9700 2.1.1).
 * Metadata is not asked whether the server knows PKCE: who does not ignores both parameters (RFC 6749 3.1). Throws UNSUPPORTED without an
 * authorization endpoint, CONFIG_INVALID for one that is neither https nor on loopback.
 */
export function authorizationUrl(
  protocol: Protocol,
  request: { redirectUri: string; state: string; verifier: string; scopes: readonly string[] },
): URL {
  const { settings, app } = protocol;
  const url = new URL(requiredEndpoint(protocol, 'authorizationEndpoint'));
  const set = (name: string, value: string) => url.searchParams.set(name, value);
  for (const [name, value] of Object.entries(settings.authorizationParameters)) set(name, value);
  set('response_type', 'code');
  set('client_id', app.clientId);
  set('redirect_uri', request.redirectUri);
  set('state', request.state);
  if (request.scopes.length > 0) set(settings.scopeParameter, request.scopes.join(settings.scopeSeparator));
  if (settings.pkce) {
    set('code_challenge', createHash('sha256').update(request.verifier).digest('base64url'));
    set('code_challenge_method', 'S256');
  }
  return url;
}
