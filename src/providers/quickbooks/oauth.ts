import { asNumber, asText, withNumbers } from '../json-value.ts';
import type { OAuthSettings } from '../oauth-settings.ts';
import type { Endpoints, Provider } from '../provider.ts';

/**
 * Authorize, token and revoke are the same for sandbox and production; only the key pair and the API host differ.
 * Source: intuit/oauth-jsclient `src/OAuthClient.js`, NangoHQ/nango `packages/providers/providers.yaml`.
 */
const shared = {
  authorizationEndpoint: 'https://appcenter.intuit.com/connect/oauth2',
  tokenEndpoint: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  revocationEndpoint: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
} as const satisfies Partial<Endpoints>;

export const environments: Provider['environments'] = {
  production: { ...shared, apiBaseUrl: 'https://quickbooks.api.intuit.com' },
  sandbox: { ...shared, apiBaseUrl: 'https://sandbox-quickbooks.api.intuit.com' },
  mock: (mockUrl) => ({
    authorizationEndpoint: `${mockUrl}/quickbooks/connect/oauth2`,
    tokenEndpoint: `${mockUrl}/quickbooks/oauth2/v1/tokens/bearer`,
    revocationEndpoint: `${mockUrl}/quickbooks/v2/oauth2/tokens/revoke`,
    apiBaseUrl: `${mockUrl}/quickbooks`,
  }),
};

const LIFETIMES = ['expires_in', 'x_refresh_token_expires_in', 'x_refresh_token_hard_expires_in'];

/**
 * A confidential client with HTTP Basic, as every Intuit SDK is. PKCE is neither in Intuit's discovery documents nor in its SDKs;
 * a challenge seems to be ignored, so it is sent all the same and `state` carries the load.
 * The header asks for the absolute end of the refresh token, at most 5 years (oauth-jsclient CHANGELOG 4.2.4).
 */
export const oauth: OAuthSettings = {
  grant: 'authorization_code',
  clientAuthentication: 'basic',
  pkce: true,
  onRefreshRejected: 'reconnect',
  scopes: ['com.intuit.quickbooks.accounting'],
  scopeSeparator: ' ',
  scopeParameter: 'scope',
  authorizationParameters: {},
  tokenHeaders: { 'x-include-refresh-token-hard-expires-in': 'true' },
  // Exact match of the registered URI; production keys take https only, no localhost and no IP address.
  // Source: developer.intuit.com "Set app redirect URI", intuit/quickbooks-online-mcp-server #16, #51, #110.
  redirect: {
    loopback: 'http://localhost:8914/callback',
    httpsOnlyIn: ['production'],
    why: 'Intuit takes only https redirect URIs for production keys: register an https page of yours and give it with --redirect-uri.',
  },
  // The SDKs send {"token": "…"} with HTTP Basic; either token ends the connection.
  revocation: 'json',

  /** The numbers were seen as strings in the SDK's README; beyond that the answer is standard. */
  adaptTokenAnswer: ({ status, body }) => ({ status, body: withNumbers(body, LIFETIMES) }),

  /** The realm comes only in the redirect, never in the token answer (oauth-jsclient); it stays text, as it outgrows a double. */
  readGrant: ({ body, callback }) => ({
    externalId: asText(callback['realmId']),
    refreshExpiresIn: asNumber(body['x_refresh_token_expires_in']),
    refreshHardExpiresIn: asNumber(body['x_refresh_token_hard_expires_in']),
  }),
};
