import type { OAuthDefinition } from '../../providers/generic/definition.ts';
import { tokenAnswer } from '../answer.ts';
import type { AuthorizationCodes } from '../authorization-codes.ts';
import { type PresentedClient, readForm } from '../client-authentication.ts';
import type { Grant } from '../grant-store.ts';
import type { AuthorizationParts } from './authorization.ts';
import { presentedClient } from './client-rule.ts';
import type { DeviceCodes } from './device-codes.ts';
import { oauthError } from './error-answer.ts';
import { placeValue } from './placed-value.ts';

const HOUR_MS = 3_600_000;
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
/** The password that is always wrong. */
const WRONG_PASSWORD = 'wrong';

/** Grant types by the words of a definition (RFC 6749; RFC 8628, 3.4). */
export const GRANT_TYPES: Readonly<Record<NonNullable<OAuthDefinition['grant']>, string>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  password: 'password',
  device_code: DEVICE_CODE,
};

interface TokenParts extends AuthorizationParts {
  readonly codes: AuthorizationCodes;
  readonly deviceCodes: DeviceCodes;
}

/** What a grant is about besides its tokens. */
interface Granted {
  readonly grant: Grant;
  readonly nonce?: string | undefined;
}

/** `POST` with the grant of the definition or `refresh_token`. `issuer` names the server in ID tokens. */
export async function answerToken(request: Request, parts: TokenParts, issuer: string): Promise<Response> {
  const { oauth } = parts;
  const form = request.method === 'POST' ? await readForm(request) : undefined;
  if (form === undefined) return oauthError('invalid_request', 'A form is to be posted here');
  const client = presentedClient(request, form, oauth.clientAuthentication);
  if (client instanceof Response) return client;
  const grantType = form.get('grant_type');
  const grant = oauth.grant ?? 'authorization_code';
  const refreshes = grant !== 'client_credentials' && grantType === 'refresh_token';
  if (!refreshes && grantType !== GRANT_TYPES[grant]) return oauthError('unsupported_grant_type');
  const granted = refreshes ? refreshed(form, client, parts) : MAKERS[grant](form, client, parts);
  return granted instanceof Response ? granted : issue(granted, parts, issuer);
}

type Make = (form: URLSearchParams, client: PresentedClient, parts: TokenParts) => Granted | Response;

const MAKERS: Readonly<Record<NonNullable<OAuthDefinition['grant']>, Make>> = {
  authorization_code(form, client, { codes, grants }) {
    const code = form.get('code');
    if (code === null) return oauthError('invalid_request', 'There is no code');
    const redirectUri = form.get('redirect_uri') ?? undefined;
    const verifier = form.get('code_verifier') ?? undefined;
    const outcome = codes.redeem({ code, clientId: client.id, redirectUri, verifier });
    // A second exchange means that the code was stolen: what the first one gave ends (RFC 6749, 4.1.2).
    if (outcome.kind === 'used') for (const grant of outcome.grants) grants.revoke(grant);
    if (outcome.kind !== 'ok') return oauthError('invalid_grant', `The code cannot be exchanged (${outcome.kind})`);
    const { tenant, parameters } = outcome.consent;
    const opened = open(client, tenant, parameters.get('scope'), true);
    const grant = grants.open(opened);
    codes.record(code, grant);
    return { grant, nonce: parameters.get('nonce') ?? undefined };
  },
  // No refresh token comes with it (RFC 6749, 4.4.3).
  client_credentials: (form, client, { grants, tenants }) => ({
    grant: grants.open(open(client, tenants[0].id, form.get('scope'), false)),
  }),
  password(form, client, { grants, tenants }) {
    const given = [form.get('username'), form.get('password')];
    if (given.some((each) => !each || each === WRONG_PASSWORD))
      return oauthError('invalid_grant', 'The user name or password is wrong');
    return { grant: grants.open(open(client, tenants[0].id, form.get('scope'), true)) };
  },
  device_code(form, client, { grants, deviceCodes }) {
    const outcome = deviceCodes.redeem(form.get('device_code') ?? '', client.id);
    if ('error' in outcome) return oauthError(outcome.error);
    return { grant: grants.open(open(client, outcome.tenant, outcome.scope, true)) };
  },
};

function open(client: PresentedClient, tenant: string, scope: string | null, withRefresh: boolean) {
  return { clientId: client.id, tenant, scope: scope ?? '', publicClient: client.secret === undefined, withRefresh };
}

function refreshed(form: URLSearchParams, client: PresentedClient, { grants }: TokenParts): Granted | Response {
  const outcome = grants.refresh(form.get('refresh_token') ?? '', client.id);
  return outcome.ok
    ? { grant: outcome.grant }
    : oauthError('invalid_grant', `The refresh token is no good (${outcome.why})`);
}

/** The answer of RFC 6749 (5.1), with the company where the definition looks for it, and an ID token for the scope `openid` (OpenID Connect Core 3.1.3.3). */
function issue({ grant, nonce }: Granted, parts: TokenParts, issuer: string): Response {
  const { settings, grants, oauth, idTokens } = parts;
  const lifeMs = settings.tokenLifetimeMs ?? HOUR_MS;
  const scopes = grant.scope.split(oauth.scopeSeparator ?? ' ').filter((scope) => scope !== '');
  const body: Record<string, unknown> = {
    access_token: grants.access(grant, lifeMs),
    token_type: 'Bearer',
    expires_in: Math.max(1, Math.round(lifeMs / 1000)),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(grant.refreshToken === undefined ? {} : { refresh_token: grant.refreshToken }),
  };
  if (scopes.includes('openid')) {
    const seconds = Math.floor(settings.clock.now() / 1000);
    const claims: Record<string, unknown> = {
      ...{ iss: issuer, aud: grant.clientId, iat: seconds, exp: seconds + Math.round(lifeMs / 1000) },
      ...(nonce === undefined ? {} : { nonce }),
    };
    if (oauth.externalId?.from === 'idToken') placeValue(claims, oauth.externalId.name, grant.tenant);
    placeValue(claims, 'sub', `user-of-${grant.tenant}`);
    body['id_token'] = idTokens.issue(claims);
  }
  if (oauth.externalId?.from === 'token') placeValue(body, oauth.externalId.name, grant.tenant);
  return tokenAnswer(body);
}
