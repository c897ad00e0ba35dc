import { createAuthorizationCodes } from '../authorization-codes.ts';
import { answerAuthorization } from '../authorization-endpoint.ts';
import { type PresentedClient, readClient, readForm, WRONG_SECRET } from '../client-authentication.ts';
import type { Grant, GrantStore, Rotation } from '../grant-store.ts';
import type { Mint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { errorAnswer, okAnswer } from './slack-answer.ts';
import { AUTHED_USER, BOT_USER, WORKSPACES } from './workspace.ts';

/** With rotation an access token lives twelve hours (docs.slack.dev, using token rotation). */
const ACCESS_LIFE_MS = 43_200_000;

/** Single use: once used, a refresh token is void (docs.slack.dev, using token rotation). Thirty days at most for public clients. */
export function slackRotation(rotateAlways: boolean): Rotation {
  const never = Number.POSITIVE_INFINITY;
  return { changeAfterMs: 0, graceMs: 0, idleMs: never, hardMs: never, onReuse: rotateAlways ? 'revoke' : 'refuse' };
}

const scopeList = (text: string | null) => (text ?? '').split(/[ ,]+/).filter((scope) => scope !== '');

/** Slack's two authorization pages and its token methods. Every answer of the token methods has status 200. */
export function createAuthorization(settings: MockSettings, grants: GrantStore, mint: Mint) {
  const codes = createAuthorizationCodes(settings.clock, mint);

  const tokensOf = (grant: Grant) => {
    const rotating = settings.slackTokenRotation;
    const lifeMs = settings.tokenLifetimeMs ?? (rotating ? ACCESS_LIFE_MS : undefined);
    const expiry =
      rotating && lifeMs !== undefined
        ? { refresh_token: grant.refreshToken, expires_in: Math.max(1, Math.round(lifeMs / 1000)) }
        : {};
    return {
      access_token: grants.access(grant, rotating ? lifeMs : undefined),
      token_type: grant.kind,
      scope: grant.scope,
      ...expiry,
    };
  };

  const exchange = (form: URLSearchParams, client: PresentedClient): Response => {
    const code = form.get('code') ?? '';
    const presented = { code, clientId: client.id, redirectUri: form.get('redirect_uri') ?? undefined };
    const outcome = codes.redeem({ ...presented, verifier: form.get('code_verifier') ?? undefined });
    if (outcome.kind === 'used') return errorAnswer('code_already_used');
    if (outcome.kind === 'redirect') return errorAnswer('bad_redirect_uri');
    if (outcome.kind !== 'ok') return errorAnswer('invalid_code');
    const { consent } = outcome;
    // Only a request that was bound by PKCE may come without a secret.
    if (client.secret === undefined && consent.challenge === undefined) return errorAnswer('bad_client_secret');
    const open = (kind: 'bot' | 'user', scopes: readonly string[]) => {
      const grant = grants.open({
        clientId: client.id,
        tenant: consent.tenant,
        kind,
        scope: scopes.join(','),
        publicClient: client.secret === undefined,
        withRefresh: settings.slackTokenRotation,
      });
      codes.record(code, grant);
      return tokensOf(grant);
    };
    const bot = botScopes(consent.parameters);
    const user = userScopes(consent.parameters);
    return okAnswer({
      ...(bot.length > 0 ? { ...open('bot', bot), bot_user_id: BOT_USER } : {}),
      authed_user: { id: AUTHED_USER, ...(user.length > 0 ? open('user', user) : {}) },
      ...installation(consent.tenant),
    });
  };

  const refresh = (form: URLSearchParams, client: PresentedClient): Response => {
    const outcome = grants.refresh(form.get('refresh_token') ?? '', client.id);
    if (!outcome.ok) return errorAnswer('invalid_refresh_token');
    const { grant } = outcome;
    if (client.secret === undefined && !grant.publicClient) return errorAnswer('bad_client_secret');
    // Flat, whatever the kind of token (node-slack-sdk `install-provider.ts`).
    return okAnswer({
      ...tokensOf(grant),
      ...(grant.kind === 'bot' ? { bot_user_id: BOT_USER } : {}),
      ...installation(grant.tenant),
    });
  };

  return {
    /** `/oauth/v2/authorize`, and `/oauth/v2_user/authorize`, which gives user tokens only. */
    authorize: (request: Request, userOnly: boolean) =>
      answerAuthorization(request, {
        title: 'Slack',
        tenantNoun: 'workspace',
        tenants: WORKSPACES,
        responseTypeRequired: false,
        scopes: (parameters) => [
          ...botScopes(marked(parameters, userOnly)),
          ...userScopes(marked(parameters, userOnly)),
        ],
        approve: (consent) => ({ code: codes.issue({ ...consent, parameters: marked(consent.parameters, userOnly) }) }),
      }),

    /** `oauth.v2.access` and `oauth.v2.user.access`. */
    async token(request: Request): Promise<Response> {
      const form = request.method === 'POST' ? await readForm(request) : undefined;
      if (form === undefined) return errorAnswer('invalid_form_data');
      const client = readClient(request, form);
      if (typeof client === 'string')
        return errorAnswer(client === 'absent' ? 'invalid_client_id' : 'bad_client_secret');
      if (client.secret === '' || client.secret === WRONG_SECRET) return errorAnswer('bad_client_secret');
      const grantType = form.get('grant_type') ?? 'authorization_code';
      if (grantType === 'refresh_token') return refresh(form, client);
      return grantType === 'authorization_code' ? exchange(form, client) : errorAnswer('invalid_grant_type');
    },
  };
}

/** At the user-only page both spellings mean user scopes; the node-slack-sdk sends `user_scope`, RFC 6749 clients `scope`. */
function marked(parameters: URLSearchParams, userOnly: boolean): URLSearchParams {
  if (!userOnly) return parameters;
  const copy = new URLSearchParams(parameters);
  copy.set('user_scope', parameters.get('user_scope') ?? parameters.get('scope') ?? '');
  copy.delete('scope');
  return copy;
}

const botScopes = (parameters: URLSearchParams) => scopeList(parameters.get('scope'));
const userScopes = (parameters: URLSearchParams) => scopeList(parameters.get('user_scope'));

function installation(team: string): Record<string, unknown> {
  const name = WORKSPACES.find(({ id }) => id === team)?.name ?? team;
  return { app_id: 'A00000001', team: { id: team, name }, enterprise: null, is_enterprise_install: false };
}
