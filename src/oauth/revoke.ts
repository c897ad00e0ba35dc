import { LwiError } from '../errors.ts';
import { bodyText } from '../http/http.ts';
import type { Secret } from '../secret.ts';
import { isSecureUrl } from '../secure-url.ts';
import { authenticateClient } from './client-authentication.ts';
import { reasonOf } from './grant-error.ts';
import { jsonObject } from './jwt.ts';
import { type Protocol, requiredEndpoint } from './protocol.ts';

/**
 * Ends the grant at the provider: by the form of RFC 7009 (2.1), by JSON (Intuit), or with the token as bearer (Slack). Resolves when the
 * provider agreed. Throws UNSUPPORTED, CONFIG_INVALID for an endpoint that is neither https nor on loopback, PROVIDER_REFUSED.
 */
export async function revoke(protocol: Protocol, token: Secret): Promise<void> {
  const { settings, app, provider } = protocol;
  const url = requiredEndpoint(protocol, 'revocationEndpoint');
  if (!isSecureUrl(url)) {
    throw new LwiError('CONFIG_INVALID', `The revocation endpoint of ${provider.id} is neither https nor on loopback.`);
  }
  const headers = new Headers({ accept: 'application/json' });
  const body = bodyOf(protocol, token, headers);
  const response = await protocol.send(
    { method: 'POST', url, headers: Object.fromEntries(headers), body },
    protocol.call,
  );
  const answer = settings.adaptTokenAnswer({ status: response.status, body: jsonObject(bodyText(response)) });
  // The token may have died by itself: that is what was wanted (RFC 7009 2.2).
  if (answer.status < 300 || answer.body['error'] === 'invalid_grant') return;
  throw new LwiError(
    'PROVIDER_REFUSED',
    `${provider.title} refused to revoke (${app.source}): ${reasonOf(answer.body)}`,
    {
      provider: provider.id,
      statusCode: response.status,
    },
  );
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
