import { LwiError } from '../errors.ts';
import { bodyText } from '../http/http.ts';
import { asText } from '../providers/json-value.ts';
import type { Secret } from '../secret.ts';
import { authenticateClient } from './client-authentication.ts';
import { reasonOf } from './grant-error.ts';
import { jsonObject } from './jwt.ts';
import type { Protocol } from './protocol.ts';
import { requiredEndpoint } from './required-endpoint.ts';

/**
 * Ends the grant at the provider: by the form of RFC 7009 (2.1), by JSON (Intuit), or with the token as bearer (Slack). No `token_type_hint`:
 * a server that does not find the token without one must look further (2.1). Resolves when the provider agreed, which it does for an unknown
 * token too (2.2). Sent once: a 503 is SERVER_ERROR with its Retry-After, and means that the token still lives (2.2.1). Throws UNSUPPORTED
 * without an endpoint and for `unsupported_token_type` (2.2.1; some servers cannot revoke access tokens that are JWTs), CONFIG_INVALID for an
 * endpoint that is neither https nor on loopback, and PROVIDER_REFUSED for any other refusal.
 */
export async function revoke(protocol: Protocol, token: Secret): Promise<void> {
  const { settings, app, provider } = protocol;
  const url = requiredEndpoint(protocol, 'revocationEndpoint');
  const headers = new Headers({ accept: 'application/json' });
  const body = bodyOf(protocol, token, headers);
  const response = await protocol.send(
    { method: 'POST', url, headers: Object.fromEntries(headers), body },
    protocol.call,
  );
  const answer = settings.adaptTokenAnswer({ status: response.status, body: jsonObject(bodyText(response)) });
  // The token may have died by itself: that is what was wanted (RFC 7009 2.2).
  if (answer.status < 300 || answer.body['error'] === 'invalid_grant') return;
  const providerCode = asText(answer.body['error']);
  const code = providerCode === 'unsupported_token_type' ? 'UNSUPPORTED' : 'PROVIDER_REFUSED';
  const message = `${provider.title} refused to revoke (${app.source}): ${reasonOf(answer.body)}`;
  throw new LwiError(code, message, { provider: provider.id, statusCode: response.status, providerCode });
}

/** Writes the token, and the client's credentials where they belong to it; the headers are filled in. */
function bodyOf(protocol: Protocol, token: Secret, headers: Headers): string {
  const { revocation } = protocol.settings;
  headers.set('content-type', revocation === 'json' ? 'application/json' : 'application/x-www-form-urlencoded');
  if (revocation === 'bearer') {
    headers.set('authorization', `Bearer ${token.reveal()}`);
    return '';
  }
  const form = new URLSearchParams(revocation === 'form' ? { token: token.reveal() } : {});
  authenticateClient(protocol, form, headers);
  return revocation === 'json' ? JSON.stringify({ token: token.reveal() }) : form.toString();
}
