import { describe, expect, test } from 'vitest';
import { slack } from '../../src/providers/slack/provider.ts';

const { oauth } = slack;
const adapt = (body: Record<string, unknown>, status = 200) => oauth.adaptTokenAnswer({ status, body });
const facts = (body: Record<string, unknown>) => oauth.readGrant({ body, callback: {}, idToken: {} });

const BOT = {
  ok: true,
  app_id: 'A00000001',
  token_type: 'bot',
  scope: 'channels:read,channels:history',
  access_token: 'made-up-bot',
  refresh_token: 'made-up-refresh',
  expires_in: 43200,
  bot_user_id: 'U00000009',
  team: { id: 'T00000001', name: 'Example' },
  enterprise: null,
  is_enterprise_install: false,
  authed_user: { id: 'U00000001' },
};

test('the answer for a bot keeps everything but the type of token', () => {
  const { status, body } = adapt(BOT);
  expect({ status, body }).toEqual({ status: 200, body: { ...BOT, token_type: 'Bearer' } });
  expect(facts(body)).toEqual({
    externalId: 'T00000001',
    externalName: 'Example',
    externalUserId: 'U00000009',
    scopes: ['channels:read', 'channels:history'],
  });
});

test('a user token alone is taken out of authed_user', () => {
  const user = {
    id: 'U1',
    access_token: 'made-up-user',
    token_type: 'user',
    scope: 'users:read',
    refresh_token: 'r',
    expires_in: '43200',
  };
  const { body } = adapt({ ok: true, team: { id: 'T1', name: 'Example' }, authed_user: user });
  expect(body).toEqual({
    ok: true,
    team: { id: 'T1', name: 'Example' },
    access_token: 'made-up-user',
    refresh_token: 'r',
    expires_in: 43200,
    scope: 'users:read',
    token_type: 'Bearer',
    authed_user: { id: 'U1' },
  });
  expect(facts(body)).toEqual({
    externalId: 'T1',
    externalName: 'Example',
    externalUserId: 'U1',
    scopes: ['users:read'],
  });
});

test('no token of a second kind is left in the answer', () => {
  const { body } = adapt({ ...BOT, authed_user: { id: 'U1', access_token: 'made-up-user' } });
  expect(body['authed_user']).toEqual({ id: 'U1' });
});

test.each([[undefined], [null], [0], ['']])('a token whose life is %o has no expiry', (life) => {
  expect(Object.keys(adapt({ ok: true, access_token: 'a', expires_in: life }).body)).not.toContain('expires_in');
});

test('an installation for the whole organization is known by the organization', () => {
  const { body } = adapt({ ...BOT, team: null, enterprise: { id: 'E1', name: 'Holding' } });
  expect(facts(body)).toMatchObject({ externalId: 'E1', externalName: 'Holding' });
});

test.each([
  ['invalid_refresh_token', 400, 'invalid_grant'],
  ['invalid_code', 400, 'invalid_grant'],
  ['code_already_used', 400, 'invalid_grant'],
  ['token_revoked', 400, 'invalid_grant'],
  ['account_inactive', 400, 'invalid_grant'],
  ['bad_client_secret', 401, 'invalid_client'],
  ['invalid_client_id', 401, 'invalid_client'],
  ['bad_redirect_uri', 400, 'invalid_request'],
  ['no_scopes', 400, 'invalid_scope'],
  ['ratelimited', 429, 'temporarily_unavailable'],
  ['internal_error', 503, 'temporarily_unavailable'],
  ['fatal_error', 503, 'temporarily_unavailable'],
  ['service_unavailable', 503, 'temporarily_unavailable'],
  ['request_timeout', 503, 'temporarily_unavailable'],
  ['something_new', 400, 'invalid_request'],
  ['constructor', 400, 'invalid_request'],
])('the error %s is %i %s', (slackError, status, error) => {
  expect(adapt({ ok: false, error: slackError })).toEqual({ status, body: { error, error_description: slackError } });
});

test('an answer about something else than a token is left alone', () => {
  expect(adapt({ ok: true, revoked: true })).toEqual({ status: 200, body: { ok: true, revoked: true } });
});

describe('the variants', () => {
  test('begin with the bot', () => {
    expect(Object.keys(oauth.variants ?? {})).toEqual(['bot', 'user']);
  });

  test('the user variant goes to the endpoints for user tokens, wherever the others are', () => {
    const user = oauth.variants?.['user'];
    expect(user?.endpoints?.({ apiBaseUrl: 'x', ...slack.environments.production })).toEqual({
      authorizationEndpoint: 'https://slack.com/oauth/v2_user/authorize',
      tokenEndpoint: 'https://slack.com/api/oauth.v2.user.access',
      revocationEndpoint: 'https://slack.com/api/auth.revoke',
      apiBaseUrl: 'https://slack.com/api',
    });
    expect(user?.endpoints?.({ tokenEndpoint: 'http://127.0.0.1:1/x/api/oauth.v2.access', apiBaseUrl: 'y' })).toEqual({
      tokenEndpoint: 'http://127.0.0.1:1/x/api/oauth.v2.user.access',
      apiBaseUrl: 'y',
    });
    expect(user).toMatchObject({ pkce: true, clientAuthentication: 'none' });
  });
});

const PREFIX = 'xo';

test.each([
  [`${PREFIX}xb-1-made-up`, true],
  [`${PREFIX}xp-1-made-up`, true],
  [`${PREFIX}xe.${PREFIX}xb-1-made-up`, true],
  [`${PREFIX}xe.${PREFIX}xp-1-made-up`, true],
  [`${PREFIX}xe-1-made-up`, false],
  ['xapp-1-made-up', false],
  [`${PREFIX}xb-`, false],
  [` ${PREFIX}xb-1`, false],
  [`${PREFIX}xb-1\n`, false],
])('the pasted text %j is a token: %s', (text, expected) => {
  expect(oauth.acceptsPastedToken?.(text)).toBe(expected);
});

test('auth.test tells whose pasted token it is', () => {
  const body = {
    ok: true,
    url: 'https://example.slack.com/',
    team: 'Example',
    user: 'bot',
    team_id: 'T1',
    user_id: 'U1',
  };
  expect(slack.api.nameFromProbe?.(body)).toEqual({ externalId: 'T1', externalName: 'Example', externalUserId: 'U1' });
  expect(slack.api.nameFromProbe?.(null)).toEqual({});
});
