import { LwiError } from '../errors.ts';
import type { Endpoints } from '../providers/provider.ts';
import { isSecureUrl } from '../secure-url.ts';
import type { Protocol } from './protocol.ts';

type EndpointName = Exclude<keyof Endpoints, 'issuer' | 'apiBaseUrl'>;

const SPELLED: Readonly<Record<EndpointName, string>> = {
  authorizationEndpoint: 'authorization endpoint',
  tokenEndpoint: 'token endpoint',
  revocationEndpoint: 'revocation endpoint',
  deviceAuthorizationEndpoint: 'device authorization endpoint',
};

/**
 * An endpoint that must be there and that may carry credentials. Throws UNSUPPORTED without it, CONFIG_INVALID for one that is neither https
 * nor on loopback (RFC 6749 3.1 and 3.2, RFC 7009 2, RFC 8628 3.1 demand TLS).
 */
export function requiredEndpoint(
  { endpoints, provider }: Pick<Protocol, 'endpoints' | 'provider'>,
  name: EndpointName,
): string {
  const url = endpoints[name];
  if (!url) throw new LwiError('UNSUPPORTED', `${provider.title} has no ${name}.`, { provider: provider.id });
  if (isSecureUrl(url)) return url;
  const message = `The ${SPELLED[name]} of ${provider.id} is neither https nor on loopback.`;
  throw new LwiError('CONFIG_INVALID', message, { provider: provider.id });
}
