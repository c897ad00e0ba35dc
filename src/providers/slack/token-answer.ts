import { asId, asNumber, asObject, asText, isObject } from '../json-value.ts';
import type { GrantFacts, GrantInput, TokenAnswer } from '../oauth-settings.ts';

/** Slack's errors of `oauth.v2.access` in the terms of RFC 6749, 5.2. Source: docs.slack.dev oauth.v2.access and oauth.v2.user.access. */
const BY_ERROR: Readonly<Record<string, readonly [status: number, error: string]>> = {
  invalid_refresh_token: [400, 'invalid_grant'],
  invalid_code: [400, 'invalid_grant'],
  code_already_used: [400, 'invalid_grant'],
  token_revoked: [400, 'invalid_grant'],
  account_inactive: [400, 'invalid_grant'],
  bad_client_secret: [401, 'invalid_client'],
  invalid_client_id: [401, 'invalid_client'],
  bad_redirect_uri: [400, 'invalid_request'],
  oauth_authorization_url_mismatch: [400, 'invalid_request'],
  invalid_grant_type: [400, 'unsupported_grant_type'],
  no_scopes: [400, 'invalid_scope'],
  no_user_scopes: [400, 'invalid_scope'],
  invalid_scope: [400, 'invalid_scope'],
  ratelimited: [429, 'temporarily_unavailable'],
  rate_limited: [429, 'temporarily_unavailable'],
  internal_error: [503, 'temporarily_unavailable'],
  fatal_error: [503, 'temporarily_unavailable'],
  service_unavailable: [503, 'temporarily_unavailable'],
  request_timeout: [503, 'temporarily_unavailable'],
};

/**
 * Failures come as 200 with `ok:false`, a user token alone inside `authed_user`, and the type of token where OAuth has `Bearer`. A token
 * without rotation has no `expires_in` and never expires. Slack's own error stays in `error_description`.
 */
export function adaptTokenAnswer(answer: TokenAnswer): TokenAnswer {
  const body = asObject(answer.body);
  if (body['ok'] === false) return failed(answer.status, asText(body['error']) ?? 'unknown_error');
  const user = asObject(body['authed_user']);
  const token = asText(body['access_token'])
    ? body
    : asText(user['access_token'])
      ? { ...body, ...userToken(user) }
      : body;
  if (!asText(token['access_token'])) return { status: answer.status, body };
  const { expires_in: life, ...rest } = token;
  const seconds = asNumber(life);
  const expiry = seconds !== undefined && seconds > 0 ? { expires_in: seconds } : {};
  const { id } = user;
  const authed = isObject(body['authed_user']) ? { authed_user: { id } } : {};
  return { status: answer.status, body: { ...rest, ...expiry, ...authed, token_type: 'Bearer' } };
}

/** The members of the bot token give way to those of the user token, those that it lacks included. */
function userToken(user: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { access_token, refresh_token, expires_in, scope } = user;
  return { access_token, refresh_token, expires_in, scope, bot_user_id: undefined };
}

function failed(status: number, slackError: string): TokenAnswer {
  const refusal = [status >= 400 ? status : 400, 'invalid_request'] as const;
  const [code, error] = (Object.hasOwn(BY_ERROR, slackError) ? BY_ERROR[slackError] : undefined) ?? refusal;
  return { status: code, body: { error, error_description: slackError } };
}

/** The team, or the organization where the app is installed for all of it (then `team` is null). Source: node-slack-sdk `install-provider.ts`. */
export function readGrant({ body }: GrantInput): GrantFacts {
  const team = asObject(body['team']);
  const owner = asText(team['id']) ? team : asObject(body['enterprise']);
  return {
    externalId: asId(owner['id']),
    externalName: asText(owner['name']),
    externalUserId: asText(body['bot_user_id']) ?? asText(asObject(body['authed_user'])['id']),
    scopes: asText(body['scope'])?.split(/[,\s]+/),
  };
}
