import { LwiError } from '../errors.ts';
import { bodyText, type HttpResponse } from '../http/http.ts';
import type { Endpoints } from '../providers/provider.ts';
import { isSecureUrl } from '../secure-url.ts';
import { jsonObject } from './jwt.ts';
import type { Protocol } from './protocol.ts';

/** Members of the metadata (RFC 8414, 2; RFC 7009; RFC 8628, 4) that fill in endpoints. */
const ENDPOINTS = {
  authorizationEndpoint: 'authorization_endpoint',
  tokenEndpoint: 'token_endpoint',
  revocationEndpoint: 'revocation_endpoint',
  deviceAuthorizationEndpoint: 'device_authorization_endpoint',
} as const satisfies Partial<Record<keyof Endpoints, string>>;

/** What discovery adds to a protocol. */
export type Discovered = Pick<Protocol, 'endpoints' | 'issuerInRedirect'>;

/**
 * Fills in the endpoints that the definition leaves out, from the issuer's metadata (RFC 8414 3, OpenID Connect Discovery 4). Throws
 * BAD_RESPONSE when there is none, or when it is another issuer's (RFC 8414 3.3) or names an endpoint that is not secure.
 */
export async function discover(protocol: Omit<Protocol, 'app'>): Promise<Discovered> {
  const { endpoints } = protocol;
  const { issuer } = endpoints;
  if (!issuer || (endpoints.tokenEndpoint && endpoints.authorizationEndpoint)) return { endpoints };
  const metadata = jsonObject(bodyText(await fetchMetadata(protocol, issuer)));
  if (metadata['issuer'] !== issuer) throw unusable(protocol, `the metadata of ${issuer} belongs to another issuer`);
  const found: Partial<Record<keyof typeof ENDPOINTS, string>> = {};
  for (const name of Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[]) {
    const url = metadata[ENDPOINTS[name]];
    if (typeof url !== 'string' || url === '') continue;
    if (!isSecureUrl(url)) throw unusable(protocol, `${ENDPOINTS[name]} is neither https nor on loopback`);
    found[name] = url;
  }
  const issuerInRedirect = metadata['authorization_response_iss_parameter_supported'] === true;
  return { endpoints: { ...found, ...endpoints }, issuerInRedirect };
}

/** The OAuth document, else the one of OpenID Connect; many issuers have but the second. */
async function fetchMetadata(protocol: Omit<Protocol, 'app'>, issuer: string): Promise<HttpResponse> {
  const { send, call } = protocol;
  for (const url of metadataUrls(issuer)) {
    const request = { method: 'GET', url, headers: { accept: 'application/json' } };
    const response = await send(request, { ...call, repeatable: true });
    if (response.status === 200) return response;
  }
  throw unusable(protocol, `${issuer} has no metadata`);
}

/** RFC 8414 (3.1) puts the well-known part before the issuer's path, OpenID Connect Discovery (4) after it. */
export function metadataUrls(issuer: string): string[] {
  const url = new URL(issuer);
  const path = url.pathname.replace(/\/$/, '');
  return [
    new URL(`/.well-known/oauth-authorization-server${path}`, url).href,
    new URL(`${path}/.well-known/openid-configuration`, url).href,
  ];
}

function unusable({ provider, call }: Omit<Protocol, 'app'>, why: string): LwiError {
  const facts = { provider: provider.id, account: call.connection?.account };
  return new LwiError('BAD_RESPONSE', `The endpoints of ${provider.title} cannot be discovered: ${why}.`, facts);
}
