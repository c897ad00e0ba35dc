import { tokenAnswer } from '../answer.ts';
import { readForm } from '../client-authentication.ts';
import type { Grant, GrantStore, Rotation } from '../grant-store.ts';
import type { MockSettings } from '../settings.ts';

/** About fourteen days: what real answers say (freightCognition/mcp-slackbot tests), s. */
const LIFE_S = 1_209_599;

/** The password that is always wrong. */
const WRONG_PASSWORD = 'wrong';

/** A new refresh token each time; how long one lives is unknown, so here it does not end by itself. */
export function carrierRotation(rotateAlways: boolean): Rotation {
  const life = { idleMs: Infinity, hardMs: Infinity };
  return { changeAfterMs: 0, graceMs: 0, onReuse: rotateAlways ? 'revoke' : 'refuse', ...life };
}

/**
 * `POST /token` with `grant_type=password` or `refresh_token`; the endpoint knows no clients. A refresh that carries a client id or
 * secret is refused (vendor support answer in mcp-slackbot `app.js`).
 */
export async function answerToken(request: Request, settings: MockSettings, grants: GrantStore): Promise<Response> {
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  const grantType = form?.get('grant_type');
  if (form === undefined || grantType === null || grantType === undefined) return oauthError('unsupported_grant_type');
  if (grantType === 'password') {
    const username = form.get('username') ?? '';
    const password = form.get('password') ?? '';
    if (username === '' || password === '' || password === WRONG_PASSWORD) {
      return oauthError('invalid_grant', 'The user name or password is incorrect.');
    }
    return issue(grants.open({ clientId: '', tenant: username, scope: '', withRefresh: true }), settings, grants);
  }
  if (grantType !== 'refresh_token') return oauthError('unsupported_grant_type');
  const named = form.has('client_id') || form.has('client_secret') || request.headers.has('authorization');
  const outcome = named ? undefined : grants.refresh(form.get('refresh_token') ?? '', undefined);
  return outcome?.ok === true ? issue(outcome.grant, settings, grants) : oauthError('invalid_grant');
}

/** The shape of ASP.NET's OWIN middleware. */
function issue(grant: Grant, settings: MockSettings, grants: GrantStore): Response {
  const now = settings.clock.now();
  const lifeMs = settings.tokenLifetimeMs ?? LIFE_S * 1000;
  return tokenAnswer({
    access_token: grants.access(grant, lifeMs),
    token_type: 'bearer',
    expires_in: Math.max(1, Math.round(lifeMs / 1000)),
    refresh_token: grant.refreshToken,
    userName: grant.tenant,
    '.issued': new Date(now).toUTCString(),
    '.expires': new Date(now + lifeMs).toUTCString(),
  });
}

function oauthError(error: string, description?: string): Response {
  return tokenAnswer({ error, ...(description === undefined ? {} : { error_description: description }) }, 400);
}
