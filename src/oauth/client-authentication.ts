import { LwiError } from '../errors.ts';
import type { Protocol } from './protocol.ts';

/**
 * Adds the client's credentials to a request: to its headers (Basic) or to its form, never both (RFC 6749 2.3, 2.3.1). A public client names
 * itself in the form (3.2.1). Throws CREDENTIALS_MISSING when the provider wants a secret and there is none.
 */
export function authenticateClient(
  { settings, app, provider }: Pick<Protocol, 'settings' | 'app' | 'provider'>,
  form: URLSearchParams,
  headers: Headers,
): void {
  const method = settings.clientAuthentication;
  if (method === 'omitted') return;
  if (method !== 'basic') form.set('client_id', app.clientId);
  if (method === 'none') return;
  if (!app.clientSecret) {
    const message = `${provider.title} needs the client secret of the app.`;
    throw new LwiError('CREDENTIALS_MISSING', message, { provider: provider.id });
  }
  if (method === 'body') form.set('client_secret', app.clientSecret.reveal());
  else headers.set('authorization', `Basic ${basicPair(app.clientId, app.clientSecret.reveal())}`);
}

/** Both are form-encoded before base64, so that a colon or a non-ASCII letter in them does no harm (RFC 6749 2.3.1, appendix B). */
function basicPair(clientId: string, clientSecret: string): string {
  return Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64');
}

function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice('_='.length);
}
