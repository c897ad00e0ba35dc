import * as oauth from 'oauth4webapi';
import { LwiError } from '../errors.ts';
import type { Call, HttpRequest, Send } from '../http/http.ts';
import { redactText } from '../http/redact.ts';
import type { Endpoints, OAuthSettings, Provider, TokenAnswer } from '../providers/provider.ts';
import { Secret } from '../secret.ts';
import type { AppCredentials, Login } from './app-credentials.ts';
import { claimsOf, jsonObject } from './jwt.ts';
import type { TokenSet } from './token-set.ts';

/** One provider's authorization server, reached through the onion. Every function sends at most one request. */
export interface Protocol {
  readonly send: Send;
  readonly call: Call;
  readonly provider: Provider;
  /** The provider's settings with the chosen variant applied. */
  readonly settings: OAuthSettings;
  readonly endpoints: Endpoints;
  readonly app: AppCredentials;
  readonly now: () => number;
}

/** Fresh `state` and PKCE verifier for one authorization request (RFC 6749 10.12, RFC 7636 4.1). */
export function newAuthorization(): { state: string; verifier: string } {
  return { state: oauth.generateRandomState(), verifier: oauth.generateRandomCodeVerifier() };
}

/** The URL that the person opens (RFC 6749 4.1.1, RFC 7636 4.3). Throws UNSUPPORTED without an authorization endpoint. */
export async function authorizationUrl(
  protocol: Protocol,
  request: { redirectUri: string; state: string; verifier: string; scopes: readonly string[] },
): Promise<URL> {
  const { settings, app, provider } = protocol;
  const url = new URL(required(protocol, 'authorizationEndpoint'));
  const set = (name: string, value: string) => url.searchParams.set(name, value);
  for (const [name, value] of Object.entries(settings.authorizationParameters)) set(name, value);
  set('response_type', 'code');
  set('client_id', app.clientId);
  set('redirect_uri', request.redirectUri);
  set('state', request.state);
  if (request.scopes.length > 0) set(settings.scopeParameter, request.scopes.join(settings.scopeSeparator));
  if (settings.pkce) {
    set('code_challenge', await oauth.calculatePKCECodeChallenge(request.verifier));
    set('code_challenge_method', 'S256');
  }
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    throw new LwiError('CONFIG_INVALID', `The authorization endpoint of ${provider.id} is neither https nor on loopback.`);
  }
  return url;
}

/**
 * Exchanges the code of a redirect (RFC 6749 4.1.3), after checking `state` and, where the issuer is known, `iss` (RFC 9207).
 * Never repeated: a second exchange of one code ends the tokens of the first (oauth-jsclient #173).
 */
export async function exchangeCode(
  protocol: Protocol,
  callback: URLSearchParams,
  expected: { redirectUri: string; state: string; verifier: string },
): Promise<TokenSet> {
  const { settings } = protocol;
  const query = new URLSearchParams(callback);
  if (!protocol.endpoints.issuer) query.delete('iss');
  return translated(protocol, async () => {
    const params = oauth.validateAuthResponse(server(protocol), client(protocol), query, expected.state);
    const issuedAt = protocol.now();
    const response = await oauth.authorizationCodeGrantRequest(
      server(protocol),
      client(protocol),
      clientAuthentication(protocol),
      params,
      expected.redirectUri,
      settings.pkce ? expected.verifier : oauth.nopkce,
      options(protocol),
    );
    const body = await oauth.processAuthorizationCodeResponse(server(protocol), client(protocol), response);
    return tokenSet(protocol, body, issuedAt, Object.fromEntries(callback));
  });
}

/** Refreshes (RFC 6749 6). Scopes and identity come from the answer, or stay what they were. */
export async function refreshGrant(protocol: Protocol, refreshToken: Secret): Promise<TokenSet> {
  return translated(protocol, async () => {
    const issuedAt = protocol.now();
    const response = await oauth.refreshTokenGrantRequest(
      server(protocol),
      client(protocol),
      clientAuthentication(protocol),
      refreshToken.reveal(),
      options(protocol),
    );
    const body = await oauth.processRefreshTokenResponse(server(protocol), client(protocol), response);
    return tokenSet(protocol, body, issuedAt, {});
  });
}

/** The password grant (RFC 6749 4.3), which RFC 9700 forbids wherever there is another way; MyCarrierPackets has none. */
export async function passwordGrant(protocol: Protocol, login: Login): Promise<TokenSet> {
  return genericGrant(protocol, 'password', { username: login.username, password: login.password.reveal() });
}

/** The client-credentials grant (RFC 6749 4.4). */
export async function clientCredentialsGrant(protocol: Protocol, scopes: readonly string[]): Promise<TokenSet> {
  const scope = scopes.join(protocol.settings.scopeSeparator);
  return genericGrant(protocol, 'client_credentials', scope ? { scope } : {});
}

async function genericGrant(protocol: Protocol, grant: string, parameters: Record<string, string>): Promise<TokenSet> {
  return translated(protocol, async () => {
    const issuedAt = protocol.now();
    const response = await oauth.genericTokenEndpointRequest(
      server(protocol),
      client(protocol),
      clientAuthentication(protocol),
      grant,
      parameters,
      options(protocol),
    );
    const body = await oauth.processGenericTokenEndpointResponse(server(protocol), client(protocol), response);
    return tokenSet(protocol, body, issuedAt, {});
  });
}

/** Fills in the endpoints that the definition leaves out, from the issuer's metadata (RFC 8414 3, OpenID Connect Discovery 4). */
export async function discover(protocol: Omit<Protocol, 'app'>): Promise<Endpoints> {
  const { endpoints } = protocol;
  if (!endpoints.issuer || (endpoints.tokenEndpoint && endpoints.authorizationEndpoint)) return endpoints;
  const issuer = new URL(endpoints.issuer);
  const found = await translated(protocol, async () => {
    for (const algorithm of ['oauth2', 'oidc'] as const) {
      const response = await oauth.discoveryRequest(issuer, { ...options(protocol), algorithm });
      if (response.status === 200 || algorithm === 'oidc') return oauth.processDiscoveryResponse(issuer, response);
    }
    return undefined;
  });
  const metadata: Partial<Endpoints> = Object.fromEntries(
    Object.entries({
      authorizationEndpoint: found?.authorization_endpoint,
      tokenEndpoint: found?.token_endpoint,
      revocationEndpoint: found?.revocation_endpoint,
      deviceAuthorizationEndpoint: found?.device_authorization_endpoint,
    }).filter(([, value]) => value !== undefined),
  );
  return { ...metadata, ...endpoints };
}

/** Ends the grant at the provider (RFC 7009 2.1, or the provider's own form of it). Resolves when the provider agreed. */
export async function revoke(protocol: Protocol, token: Secret): Promise<void> {
  const { settings, app } = protocol;
  const url = required(protocol, 'revocationEndpoint');
  const headers = new Headers({ accept: 'application/json' });
  const form = new URLSearchParams();
  let body: string;
  if (settings.revocation === 'bearer') {
    headers.set('authorization', `Bearer ${token.reveal()}`);
    body = '';
  } else {
    if (settings.revocation === 'form') form.set('token', token.reveal());
    await clientAuthentication(protocol)(server(protocol), client(protocol), form, headers);
    body = settings.revocation === 'json' ? JSON.stringify({ token: token.reveal() }) : form.toString();
  }
  headers.set('content-type', settings.revocation === 'json' ? 'application/json' : 'application/x-www-form-urlencoded');
  const response = await protocol.send({ method: 'POST', url, headers: Object.fromEntries(headers), body }, protocol.call);
  const answer = settings.adaptTokenAnswer({ status: response.status, body: jsonObject(new TextDecoder().decode(response.body)) });
  // The token may have died by itself: that is what was wanted (RFC 7009 2.2).
  if (answer.status < 300 || answer.body['error'] === 'invalid_grant') return;
  throw new LwiError('PROVIDER_REFUSED', `${protocol.provider.title} refused to revoke (${app.source}): ${reason(answer.body)}`, {
    provider: protocol.provider.id,
    statusCode: response.status,
  });
}

function tokenSet(
  protocol: Protocol,
  body: oauth.TokenEndpointResponse,
  issuedAt: number,
  callback: Record<string, string>,
): TokenSet {
  const later = (seconds: number | undefined) => (seconds === undefined ? undefined : issuedAt + seconds * 1000);
  const secret = (value: unknown) => (typeof value === 'string' && value !== '' ? new Secret(value) : undefined);
  const idToken = secret(body['lwi_id_token'] ?? body.id_token);
  const facts = protocol.settings.readGrant({ body, callback, idToken: idToken ? claimsOf(idToken) : {} });
  return {
    accessToken: new Secret(body.access_token),
    refreshToken: secret(body.refresh_token),
    idToken,
    tokenType: body.token_type,
    issuedAt,
    expiresAt: later(body.expires_in),
    refreshExpiresAt: later(facts.refreshExpiresIn),
    refreshHardExpiresAt: later(facts.refreshHardExpiresIn),
    scopes: facts.scopes ?? body.scope?.split(/[\s,]+/).filter(Boolean) ?? [],
    facts,
  };
}

function server({ endpoints, provider }: Omit<Protocol, 'app'>): oauth.AuthorizationServer {
  const issuer = endpoints.issuer ?? `https://${provider.id}.invalid`;
  return endpoints.tokenEndpoint ? { issuer, token_endpoint: endpoints.tokenEndpoint } : { issuer };
}

function client({ app }: Protocol): oauth.Client {
  return { client_id: app.clientId };
}

function clientAuthentication({ settings, app, provider }: Protocol): oauth.ClientAuth {
  const secret = () => {
    if (app.clientSecret) return app.clientSecret.reveal();
    throw new LwiError('CREDENTIALS_MISSING', `${provider.title} needs the client secret of the app.`, { provider: provider.id });
  };
  switch (settings.clientAuthentication) {
    case 'basic':
      return oauth.ClientSecretBasic(secret());
    case 'body':
      return oauth.ClientSecretPost(secret());
    case 'none':
      return oauth.None();
    case 'omitted':
      return () => {};
  }
}

/** Sends oauth4webapi's requests through the onion and shows it the answer in the standard's form. */
function options(protocol: Omit<Protocol, 'app'>) {
  const { settings, endpoints } = protocol;
  return {
    [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> => {
      const isToken = url === endpoints.tokenEndpoint;
      const request: HttpRequest = {
        method: init.method,
        url,
        headers: { ...init.headers, ...(isToken ? settings.tokenHeaders : {}) },
        ...(init.body === undefined || init.body === null ? {} : { body: String(init.body) }),
      };
      const response = await protocol.send(request, protocol.call);
      if (!isToken) return new Response(Buffer.from(response.body), { status: response.status, headers: response.headers });
      return adapted(protocol, response.status, new TextDecoder().decode(response.body));
    },
    [oauth.allowInsecureRequests]: isLoopback(new URL(endpoints.tokenEndpoint ?? endpoints.issuer ?? 'https://x').hostname),
  };
}

function adapted(protocol: Omit<Protocol, 'app'>, status: number, text: string): Response {
  const parsed = jsonObject(text);
  if (Object.keys(parsed).length === 0) {
    throw new LwiError('BAD_RESPONSE', `The token endpoint of ${protocol.provider.title} answered ${status} without JSON.`, {
      provider: protocol.provider.id,
      statusCode: status,
    });
  }
  const answer: TokenAnswer = protocol.settings.adaptTokenAnswer({ status, body: parsed });
  const body = { ...answer.body };
  if (!protocol.endpoints.issuer && body['id_token'] !== undefined) {
    // Without a known issuer there is nothing to validate the ID token against; its claims are still of use.
    body['lwi_id_token'] = body['id_token'];
    delete body['id_token'];
  }
  if (answer.status === 429 || answer.status >= 500) {
    const code = answer.status === 429 ? 'RATE_LIMITED' : 'SERVER_ERROR';
    throw new LwiError(code, `The token endpoint of ${protocol.provider.title} answered: ${reason(body)}`, {
      provider: protocol.provider.id,
      statusCode: status,
    });
  }
  return Response.json(body, { status: answer.status });
}

/** Runs oauth4webapi and gives its errors our names. */
async function translated<T>(protocol: Omit<Protocol, 'app'>, run: () => Promise<T>): Promise<T> {
  const { provider, call } = protocol;
  const facts = { provider: provider.id, account: call.connection?.account };
  try {
    return await run();
  } catch (error) {
    if (error instanceof LwiError || call.signal.aborted) throw error;
    if (error instanceof oauth.AuthorizationResponseError) {
      if (error.error === 'access_denied') {
        throw new LwiError('CONSENT_REFUSED', `${provider.title} says that access was refused.`, facts);
      }
      throw new LwiError('GRANT_REJECTED', `${provider.title} ended the authorization: ${redactText(error.error)}.`, {
        ...facts,
        providerCode: error.error,
      });
    }
    if (error instanceof oauth.ResponseBodyError) throw grantError(protocol, error.error, error.cause, error.status);
    if (error instanceof oauth.WWWAuthenticateChallengeError) throw grantError(protocol, 'invalid_client', {}, error.status);
    throw new LwiError('BAD_RESPONSE', `${provider.title} answered something that is no OAuth answer.`, { ...facts, cause: error });
  }
}

/** RFC 6749 5.2, by what the person has to do about it. */
function grantError(protocol: Omit<Protocol, 'app'>, code: string, body: unknown, status: number): LwiError {
  const rejected = code === 'invalid_grant' ? 'GRANT_REJECTED' : undefined;
  const client = ['invalid_client', 'unauthorized_client'].includes(code) ? 'CLIENT_REJECTED' : undefined;
  const detail = reason(typeof body === 'object' && body !== null ? { ...body, error: code } : { error: code });
  return new LwiError(rejected ?? client ?? 'PROVIDER_REFUSED', `${protocol.provider.title} answered: ${detail}`, {
    provider: protocol.provider.id,
    account: protocol.call.connection?.account,
    statusCode: status,
    providerCode: code,
  });
}

function reason(body: Readonly<Record<string, unknown>>): string {
  const words = [body['error'], body['error_description']].filter((word) => typeof word === 'string');
  return redactText(words.join(': ').slice(0, 300)) || 'no reason given';
}

function required(protocol: Protocol, name: 'authorizationEndpoint' | 'revocationEndpoint'): string {
  const url = protocol.endpoints[name];
  if (url) return url;
  throw new LwiError('UNSUPPORTED', `${protocol.provider.title} has no ${name}.`, { provider: protocol.provider.id });
}

/** Hosts on which plain http is accepted (RFC 8252 7.3, 8.3). */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
