import { tokenAnswer } from '../answer.ts';
import { type AuthorizationCodes, createAuthorizationCodes } from '../authorization-codes.ts';
import { answerAuthorization } from '../authorization-endpoint.ts';
import { readClient, readForm, WRONG_SECRET } from '../client-authentication.ts';
import type { Grant, GrantStore, Rotation } from '../grant-store.ts';
import type { Mint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { COMPANIES } from './company.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the SDK's fixtures show: 101 days, s. */
const REFRESH_LIFE_S = 8_726_400;
/** Five years (blogs.intuit.com 2025/11/12), s. */
const HARD_LIFE_S = 157_680_000;

/** The value of a refresh token changes about daily; the former one works for a day more (oauth-jsclient README). */
export function quickbooksRotation(rotateAlways: boolean): Rotation {
  const life = { idleMs: REFRESH_LIFE_S * 1000, hardMs: HARD_LIFE_S * 1000 };
  if (rotateAlways) return { changeAfterMs: 0, graceMs: 0, onReuse: 'revoke', ...life };
  return { changeAfterMs: DAY_MS, graceMs: DAY_MS, onReuse: 'refuse', ...life };
}

/** The authorization page, the token endpoint and the revocation endpoint of Intuit. */
export function createAuthorization(settings: MockSettings, grants: GrantStore, mint: Mint) {
  const { clock } = settings;
  const codes = createAuthorizationCodes(clock, mint);
  return {
    authorize: (request: Request) =>
      answerAuthorization(request, {
        title: 'QuickBooks Online',
        tenantNoun: 'company',
        tenants: COMPANIES,
        responseTypeRequired: true,
        scopes: (parameters) => (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
        // The realm is told here and nowhere else: the token answer has none.
        approve: (consent) => ({ code: codes.issue(consent), realmId: consent.tenant }),
      }),

    async token(request: Request): Promise<Response> {
      const form = request.method === 'POST' ? await readForm(request) : undefined;
      if (form === undefined) return oauthError('invalid_request');
      const clientId = authenticate(request, form);
      if (clientId instanceof Response) return clientId;
      const grant = grantFor(form, clientId, codes, grants);
      if (grant instanceof Response) return grant;
      const lifeMs = settings.tokenLifetimeMs ?? HOUR_MS;
      const hard = request.headers.get('x-include-refresh-token-hard-expires-in') === 'true';
      return tokenAnswer({
        token_type: 'bearer',
        access_token: grants.access(grant, lifeMs),
        expires_in: Math.max(1, Math.round(lifeMs / 1000)),
        refresh_token: grant.refreshToken,
        x_refresh_token_expires_in: REFRESH_LIFE_S,
        ...(hard
          ? { x_refresh_token_hard_expires_in: HARD_LIFE_S - Math.floor((clock.now() - grant.grantedAt) / 1000) }
          : {}),
      });
    },

    /** Takes an access or a refresh token, as JSON or as a form; either ends the connection. */
    async revoke(request: Request): Promise<Response> {
      if (request.method !== 'POST') return oauthError('invalid_request');
      const text = await request.clone().text();
      const form = (await readForm(request)) ?? new URLSearchParams();
      const clientId = authenticate(request, form);
      if (clientId instanceof Response) return clientId;
      const token = form.get('token') ?? tokenOfJson(text);
      if (token === undefined) return oauthError('invalid_request');
      grants.revokeByToken(token);
      return new Response(null, { status: 200, headers: { 'content-length': '0' } });
    },
  };
}

function grantFor(
  form: URLSearchParams,
  clientId: string,
  codes: AuthorizationCodes,
  grants: GrantStore,
): Grant | Response {
  const grantType = form.get('grant_type');
  if (grantType === 'refresh_token') {
    const outcome = grants.refresh(form.get('refresh_token') ?? '', clientId);
    return outcome.ok ? outcome.grant : oauthError('invalid_grant');
  }
  if (grantType !== 'authorization_code') return oauthError('unsupported_grant_type');
  const code = form.get('code');
  if (code === null) return oauthError('invalid_request');
  const redirectUri = form.get('redirect_uri') ?? undefined;
  const outcome = codes.redeem({ code, clientId, redirectUri, verifier: form.get('code_verifier') ?? undefined });
  // A second exchange ruins what the first one gave (oauth-jsclient #173).
  if (outcome.kind === 'used') for (const grant of outcome.grants) grants.revoke(grant);
  if (outcome.kind !== 'ok') return oauthError('invalid_grant');
  const { tenant, parameters } = outcome.consent;
  const grant = grants.open({ clientId, tenant, scope: parameters.get('scope') ?? '', withRefresh: true });
  codes.record(code, grant);
  return grant;
}

/** QuickBooks knows confidential clients only. The id of the client, or the refusal. */
function authenticate(request: Request, form: URLSearchParams): string | Response {
  const client = readClient(request, form);
  if (client === 'twice') return oauthError('invalid_request');
  const known =
    typeof client === 'object' && client.secret !== undefined && client.secret !== '' && client.secret !== WRONG_SECRET;
  if (known) return client.id;
  return tokenAnswer({ error: 'invalid_client' }, 401, { 'www-authenticate': 'Basic realm="Intuit"' });
}

function tokenOfJson(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Errors of Intuit's token endpoint are OAuth JSON, mostly without description (oauth-jsclient #77). */
function oauthError(error: string): Response {
  return tokenAnswer({ error }, 400);
}
