import type { OAuthSettings } from '../oauth-settings.ts';
import type { Endpoints, Provider } from '../provider.ts';
import { adaptTokenAnswer, readGrant } from './token-answer.ts';

/** Slack has no sandbox host; a free workspace serves as one. Source: docs.slack.dev, installing with OAuth. */
export const environments: Provider['environments'] = {
  production: {
    authorizationEndpoint: 'https://slack.com/oauth/v2/authorize',
    tokenEndpoint: 'https://slack.com/api/oauth.v2.access',
    revocationEndpoint: 'https://slack.com/api/auth.revoke',
    apiBaseUrl: 'https://slack.com/api',
  },
  mock: (mockUrl) => ({
    authorizationEndpoint: `${mockUrl}/slack/oauth/v2/authorize`,
    tokenEndpoint: `${mockUrl}/slack/api/oauth.v2.access`,
    revocationEndpoint: `${mockUrl}/slack/api/auth.revoke`,
    apiBaseUrl: `${mockUrl}/slack/api`,
  }),
};

/** What the streams read, and nothing more (docs.slack.dev method pages). */
const SCOPES = ['channels:read', 'channels:history', 'groups:read', 'groups:history', 'users:read'];

/** Slack compares redirect URIs literally, port and host spelling included, so it is one fixed URI (slackapi/slack-skills-plugin #19). */
const LOOPBACK = 'http://localhost:8914/callback/slack';

const BOT_REDIRECT = {
  loopback: LOOPBACK,
  httpsOnlyIn: ['production', 'sandbox'],
  why: 'Slack gives bot tokens to https redirect URIs only: give one with --redirect-uri, paste a token of the app, or connect --as user.',
} as const;

/** The endpoints of the flow for user tokens alone, beside those of the usual one, wherever those are. */
function userEndpoints(endpoints: Endpoints): Endpoints {
  const authorize = endpoints.authorizationEndpoint?.replace(/\/oauth\/v2\/authorize$/, '/oauth/v2_user/authorize');
  const token = endpoints.tokenEndpoint?.replace(/\/oauth\.v2\.access$/, '/oauth.v2.user.access');
  return {
    ...endpoints,
    ...(authorize === undefined ? {} : { authorizationEndpoint: authorize }),
    ...(token === undefined ? {} : { tokenEndpoint: token }),
  };
}

/**
 * `bot`: an app with a secret and an https redirect. `user`: an app with PKCE switched on (since 2026-03-30, it cannot be switched off),
 * a public client that may redirect to localhost but gets user scopes only; in this flow they go into `scope`.
 * Source: docs.slack.dev "Using PKCE" and its changelog; oauth.v2.access recommends HTTP Basic for the secret.
 */
export const oauth: OAuthSettings = {
  grant: 'authorization_code',
  clientAuthentication: 'basic',
  pkce: false,
  onRefreshRejected: 'reconnect',
  scopes: SCOPES,
  scopeSeparator: ',',
  scopeParameter: 'scope',
  authorizationParameters: {},
  tokenHeaders: {},
  redirect: BOT_REDIRECT,
  variants: {
    bot: { title: 'Bot token, for an app with a client secret', redirect: BOT_REDIRECT },
    user: {
      title: 'User token, for an app with PKCE switched on',
      pkce: true,
      clientAuthentication: 'none',
      redirect: { loopback: LOOPBACK, httpsOnlyIn: [] },
      endpoints: userEndpoints,
    },
  },
  // auth.revoke takes the token as bearer; revoking a bot token does not uninstall the app.
  revocation: 'bearer',
  adaptTokenAnswer,
  readGrant,
  /** Bot and user tokens, rotating or not, as an app's install page shows them. */
  acceptsPastedToken: (token) => /^(?:xoxe\.)?xox[bp]-[\w-]+$/.test(token),
};
