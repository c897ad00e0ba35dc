import * as oauth from 'oauth4webapi';
import { LwiError } from '../errors.ts';
import type { Call, Send } from '../http/http.ts';
import type { OAuthSettings } from '../providers/oauth-settings.ts';
import type { Endpoints, Provider } from '../providers/provider.ts';
import { Secret } from '../secret.ts';
import type { AppCredentials, Login } from './app-credentials.ts';
import { authenticateClient } from './client-authentication.ts';
import { answerError, authorizationError, grantError } from './grant-error.ts';
import { requiredEndpoint } from './required-endpoint.ts';
import { readTokenSet, standardAnswer, withoutBadIdToken } from './token-answer.ts';
import { type TokenSet, withAskedScopes } from './token-set.ts';

/** One provider's authorization server, reached through the onion. Every function that takes it sends at most one request. */
export interface Protocol {
  readonly send: Send;
  readonly call: Call;
  readonly provider: Provider;
  /** The provider's settings with the chosen variant applied. */
  readonly settings: OAuthSettings;
  readonly endpoints: Endpoints;
  /** The issuer announces that its redirects name it (RFC 9207, 3), so that one that does not is refused. */
  readonly issuerInRedirect?: boolean;
  readonly app: AppCredentials;
  readonly now: () => number;
}

/**
 * Exchanges the code of a redirect (RFC 6749 4.1.3), after checking `state` and, where the issuer is known, `iss` (RFC 9207 2.4), and with the
 * PKCE verifier (RFC 7636 4.5, RFC 9700 2.1.1). Never repeated: a second exchange of one code ends the tokens of the first
 * (oauth-jsclient #173). An ID token that does not validate is BAD_RESPONSE: it says who has connected.
 */
export async function exchangeCode(
  protocol: Protocol,
  callback: URLSearchParams,
  expected: { redirectUri: string; state: string; verifier: string },
): Promise<TokenSet> {
  const { redirectUri, state } = expected;
  const query = new URLSearchParams(callback);
  if (!protocol.endpoints.issuer) query.delete('iss');
  const verifier = protocol.settings.pkce ? expected.verifier : oauth.nopkce;
  // Some servers repeat what they were sent, and a code that was refused may still be good.
  for (const value of [...callback.getAll('code'), expected.verifier]) new Secret(value);
  return granted(protocol, Object.fromEntries(callback), async ({ server, client, authenticate, options }) => {
    const code = oauth.validateAuthResponse(server, client, query, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authenticate,
      code,
      redirectUri,
      verifier,
      options,
    );
    return oauth.processAuthorizationCodeResponse(server, client, response);
  });
}

/**
 * Refreshes (RFC 6749 6). Scopes and identity come from the answer, or stay what they were; an ID token that does not validate is left out.
 */
export async function refreshGrant(protocol: Protocol, refreshToken: Secret): Promise<TokenSet> {
  const token = refreshToken.reveal();
  return granted(protocol, {}, async ({ server, client, authenticate, options }) => {
    const response = await oauth.refreshTokenGrantRequest(server, client, authenticate, token, options);
    return withoutBadIdToken(response, (answer) => oauth.processRefreshTokenResponse(server, client, answer));
  });
}

/** The password grant (RFC 6749 4.3), which RFC 9700 forbids wherever there is another way; MyCarrierPackets has none. */
export async function passwordGrant(protocol: Protocol, login: Login): Promise<TokenSet> {
  return genericGrant(protocol, 'password', { username: login.username, password: login.password.reveal() });
}

/** The client-credentials grant (RFC 6749 4.4). An answer without scopes grants those that were asked for (5.1). */
export async function clientCredentialsGrant(protocol: Protocol, scopes: readonly string[]): Promise<TokenSet> {
  const scope = scopes.join(protocol.settings.scopeSeparator);
  return withAskedScopes(await genericGrant(protocol, 'client_credentials', scope ? { scope } : {}), scopes);
}

/**
 * Asks once whether somebody has approved a device code (RFC 8628 3.4). While nobody has, the refusal says so by its `providerCode`:
 * `authorization_pending` or `slow_down` (3.5).
 */
export function deviceCodeGrant(protocol: Protocol, deviceCode: Secret): Promise<TokenSet> {
  return genericGrant(protocol, DEVICE_CODE, { device_code: deviceCode.reveal() });
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

function genericGrant(protocol: Protocol, grant: string, parameters: Record<string, string>): Promise<TokenSet> {
  return granted(protocol, {}, async ({ server, client, authenticate, options }) => {
    const response = await oauth.genericTokenEndpointRequest(server, client, authenticate, grant, parameters, options);
    const read = (answer: Response) => oauth.processGenericTokenEndpointResponse(server, client, answer);
    return grant === DEVICE_CODE ? read(response) : withoutBadIdToken(response, read);
  });
}

/** What oauth4webapi wants to know of a protocol. */
interface GrantParts {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly authenticate: oauth.ClientAuth;
  readonly options: ReturnType<typeof optionsOf>;
}

/** Runs one grant with oauth4webapi and gives its errors our names. */
async function granted(
  protocol: Protocol,
  callback: Record<string, string>,
  run: (parts: GrantParts) => Promise<oauth.TokenEndpointResponse>,
): Promise<TokenSet> {
  const issuedAt = protocol.now();
  try {
    const body = await run({
      server: serverOf(protocol),
      client: { client_id: protocol.app.clientId },
      authenticate: (_server, _client, form, headers) => authenticateClient(protocol, form, headers),
      options: optionsOf(protocol),
    });
    return readTokenSet(protocol, body, issuedAt, callback);
  } catch (error) {
    if (error instanceof LwiError || protocol.call.signal.aborted) throw error;
    if (error instanceof oauth.AuthorizationResponseError) throw authorizationError(protocol, error.error);
    if (error instanceof oauth.ResponseBodyError) throw grantError(protocol, error.error, error.cause, error.status);
    throw answerError(protocol, error);
  }
}

function serverOf(protocol: Protocol): oauth.AuthorizationServer {
  const { issuer, tokenEndpoint } = protocol.endpoints;
  return {
    issuer: issuer ?? `https://${protocol.provider.id}.invalid`,
    authorization_response_iss_parameter_supported: protocol.issuerInRedirect === true,
    ...(tokenEndpoint === undefined ? {} : { token_endpoint: tokenEndpoint }),
  };
}

/** Sends oauth4webapi's requests through the onion and shows it the answer in the standard's form. */
function optionsOf(protocol: Protocol) {
  requiredEndpoint(protocol, 'tokenEndpoint');
  return {
    [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<string, unknown>): Promise<Response> => {
      const headers = { ...init.headers, ...protocol.settings.tokenHeaders };
      const body = init.body === undefined || init.body === null ? {} : { body: String(init.body) };
      return standardAnswer(
        protocol,
        await protocol.send({ method: init.method, url, headers, ...body }, protocol.call),
      );
    },
    // It knows https only; the endpoint has been found secure (or on loopback) above.
    [oauth.allowInsecureRequests]: true,
  };
}
