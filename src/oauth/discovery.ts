import { isLwiError, LwiError } from '../errors.ts';
import { bodyText } from '../http/http.ts';
import { asArray, asText } from '../providers/json-value.ts';
import type { Grant, OAuthSettings } from '../providers/oauth-settings.ts';
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

/** What a grant cannot do without. */
const NEEDED: Readonly<Record<Grant, readonly (keyof typeof ENDPOINTS)[]>> = {
  authorization_code: ['authorizationEndpoint', 'tokenEndpoint'],
  device_code: ['deviceAuthorizationEndpoint', 'tokenEndpoint'],
  client_credentials: ['tokenEndpoint'],
  password: ['tokenEndpoint'],
  token: [],
};

/** What discovery adds to a protocol; the settings only where they change. */
export type Discovered = Pick<Protocol, 'endpoints' | 'issuerInRedirect'> & Partial<Pick<Protocol, 'settings'>>;

/**
 * Fills in what the definition leaves out from the issuer's metadata (RFC 8414 3, OpenID Connect Discovery 4): endpoints that the grant, or a
 * revocation, needs, and how the client authenticates. Asks nobody when nothing is missing. Throws BAD_RESPONSE when there is no metadata and
 * the grant cannot do without, when it is another issuer's (RFC 8414 3.3) or names an endpoint that is not secure. Every error says that
 * nothing has been sent to the token endpoint (`unsent`), so that a refresh knows that its token was not spent.
 */
export async function discover(
  protocol: Omit<Protocol, 'app'>,
  purpose: 'grant' | 'revocation' = 'grant',
): Promise<Discovered> {
  const { endpoints, settings } = protocol;
  const { issuer } = endpoints;
  const needed = NEEDED[settings.grant].some((name) => !endpoints[name]);
  const revocation = purpose === 'revocation' && settings.revocation !== 'none' && !endpoints.revocationEndpoint;
  if (!issuer || !(needed || revocation)) return { endpoints };
  try {
    const metadata = await fetchMetadata(protocol, issuer);
    if (metadata) return completed(protocol, metadata);
    if (needed) throw unusable(protocol, `${issuer} has no metadata`);
    return { endpoints };
  } catch (error) {
    if (!isLwiError(error) || protocol.call.signal.aborted) throw error;
    throw new LwiError(error.code, error.message, { ...error.facts, unsent: true, cause: error });
  }
}

function completed(protocol: Omit<Protocol, 'app'>, metadata: Readonly<Record<string, unknown>>): Discovered {
  const { endpoints, settings } = protocol;
  const found: Partial<Record<keyof typeof ENDPOINTS, string>> = {};
  for (const name of Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[]) {
    const url = metadata[ENDPOINTS[name]];
    if (typeof url !== 'string' || url === '') continue;
    if (!isSecureUrl(url)) throw unusable(protocol, `${ENDPOINTS[name]} is neither https nor on loopback`);
    found[name] = url;
  }
  return {
    endpoints: { ...found, ...endpoints },
    issuerInRedirect: metadata['authorization_response_iss_parameter_supported'] === true,
    ...(takesBodyOnly(settings, metadata) ? { settings: { ...settings, clientAuthentication: 'body' } } : {}),
  };
}

/** Without a word in the definition it is Basic, which every server must take (RFC 6749 2.3.1), unless this one announces otherwise. */
function takesBodyOnly(settings: OAuthSettings, metadata: Readonly<Record<string, unknown>>): boolean {
  const announced = asArray(metadata['token_endpoint_auth_methods_supported']);
  const body = announced.includes('client_secret_post') && !announced.includes('client_secret_basic');
  return settings.clientAuthenticationAssumed === true && body;
}

/**
 * The issuer's document: that of RFC 8414, else that of OpenID Connect; many issuers have but the second. A page in place of a document
 * (sites that answer every path) is none. Undefined when the issuer has none.
 */
async function fetchMetadata(
  protocol: Omit<Protocol, 'app'>,
  issuer: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { send, call } = protocol;
  if (!isSecureUrl(issuer)) throw unusable(protocol, 'the issuer is neither https nor on loopback');
  let other: string | undefined;
  for (const url of metadataUrls(issuer)) {
    const request = { method: 'GET', url, headers: { accept: 'application/json' } };
    const response = await send(request, { ...call, repeatable: true });
    const metadata = response.status === 200 ? jsonObject(bodyText(response)) : {};
    if (metadata['issuer'] === issuer) return metadata;
    other ??= asText(metadata['issuer']);
  }
  if (other === undefined) return undefined;
  // Compared as it is written, without any normalization (RFC 8414 3.3; OpenID Connect Discovery 4.3).
  const slash = other.replace(/\/$/, '') === issuer.replace(/\/$/, '');
  const advice = slash ? `, which is written ${other.endsWith('/') ? 'with' : 'without'} a slash at its end` : '';
  throw unusable(protocol, `the metadata of ${issuer} belongs to another issuer${advice}`);
}

/** RFC 8414 (3.1) puts the well-known part before the issuer's path, OpenID Connect Discovery (4) after it; both drop a slash at its end. */
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
