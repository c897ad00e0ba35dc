import { asText, withNumbers } from '../json-value.ts';
import type { OAuthSettings } from '../oauth-settings.ts';
import type { Provider } from '../provider.ts';

/** One host, no public sandbox, and nothing but a token endpoint. Source: mycarrierpackets.com/IntegrationGuide. */
export const environments: Provider['environments'] = {
  production: {
    tokenEndpoint: 'https://api.mycarrierpackets.com/token',
    apiBaseUrl: 'https://api.mycarrierpackets.com',
  },
  mock: (mockUrl) => ({
    tokenEndpoint: `${mockUrl}/mycarrierpackets/token`,
    apiBaseUrl: `${mockUrl}/mycarrierpackets`,
  }),
};

/**
 * The resource owner password grant of an integration user, which RFC 9700 forbids and the vendor offers alone. There are no clients: a client
 * id or secret in the refresh makes it `invalid_grant`. The refresh token changes with every use; when it is refused, the user logs in again.
 * Source: freightCognition/mcp-slackbot `app.js` and its history.
 */
export const oauth: OAuthSettings = {
  grant: 'password',
  clientAuthentication: 'omitted',
  pkce: false,
  onRefreshRejected: 'password',
  scopes: [],
  scopeSeparator: ' ',
  scopeParameter: 'scope',
  authorizationParameters: {},
  tokenHeaders: {},
  redirect: { loopback: 'http://localhost:8914/callback/mycarrierpackets', httpsOnlyIn: [] },
  revocation: 'none',

  /** The classic ASP.NET form, standard but for extra members; its life of about 14 days is seconds in `expires_in`. */
  adaptTokenAnswer: ({ status, body }) => ({ status, body: withNumbers(body, ['expires_in']) }),

  readGrant: ({ body }) => ({ externalId: asText(body['userName']), externalUserId: asText(body['userName']) }),
};
