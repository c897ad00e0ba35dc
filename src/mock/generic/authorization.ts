import type { OAuthDefinition } from '../../providers/generic/definition.ts';
import { jsonAnswer } from '../answer.ts';
import { type AuthorizationCodes, createAuthorizationCodes } from '../authorization-codes.ts';
import { answerAuthorization } from '../authorization-endpoint.ts';
import type { Tenant } from '../authorization-page.ts';
import { readForm } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import type { Mint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { presentedClient } from './client-rule.ts';
import { createDeviceCodes } from './device-codes.ts';
import { answerDevicePage } from './device-page.ts';
import { oauthError } from './error-answer.ts';
import type { IdTokens } from './id-token.ts';
import { answerToken } from './token-endpoint.ts';

/** What the authorization server of a definition is made of. */
export interface AuthorizationParts {
  readonly settings: MockSettings;
  readonly title: string;
  readonly oauth: OAuthDefinition;
  readonly grants: GrantStore;
  readonly tenants: readonly [Tenant, ...Tenant[]];
  readonly idTokens: IdTokens;
  readonly mint: Mint;
}

/** The endpoints, each answering one request; `issuer` is the address of the server. */
export function createAuthorization(parts: AuthorizationParts) {
  const { settings, oauth, grants, mint, title, tenants } = parts;
  const codes = createAuthorizationCodes(settings.clock, mint);
  const deviceCodes = createDeviceCodes(settings.clock, mint);
  return {
    authorize: (request: Request, issuer: string) => answerAuthorize(request, parts, codes, issuer),
    token: (request: Request, issuer: string) => answerToken(request, { ...parts, codes, deviceCodes }, issuer),
    devicePage: (request: Request) =>
      answerDevicePage(request, { title, tenants, deviceCodes, scopesOf: scopesOf(oauth) }),

    async deviceAuthorization(request: Request, page: string): Promise<Response> {
      const form = request.method === 'POST' ? await readForm(request) : undefined;
      if (form === undefined) return oauthError('invalid_request', 'A form is to be posted here');
      const client = presentedClient(request, form, oauth.clientAuthentication);
      if (client instanceof Response) return client;
      return jsonAnswer(deviceCodes.issue(client.id, form.get('scope') ?? '', page), 200, {
        'cache-control': 'no-store',
      });
    },

    /** Takes either token, with no difference for one that is not known (RFC 7009, 2.2). */
    async revoke(request: Request): Promise<Response> {
      const form = request.method === 'POST' ? await readForm(request) : undefined;
      const token = form?.get('token');
      if (form === undefined || !token) return oauthError('invalid_request', 'There is no token');
      const client = presentedClient(request, form, oauth.clientAuthentication);
      if (client instanceof Response) return client;
      grants.revokeByToken(token);
      return new Response(null, { status: 200, headers: { 'content-length': '0' } });
    },
  };
}

/** A server that wants PKCE refuses requests without it (RFC 7636, 4.4.1). One with metadata names itself in each redirect (RFC 9207, 2). */
function answerAuthorize(
  request: Request,
  { oauth, title, tenants }: AuthorizationParts,
  codes: AuthorizationCodes,
  issuer: string,
): Promise<Response> {
  const { externalId } = oauth;
  return answerAuthorization(request, {
    ...{ title, tenantNoun: 'company', tenants, responseTypeRequired: true },
    challengeRequired: oauth.pkce ?? true,
    ...(oauth.issuer ? { redirectParameters: { iss: issuer } } : {}),
    scopes: (parameters) => scopesOf(oauth)(parameters.get('scope') ?? ''),
    approve: (consent) => ({
      ...(externalId?.from === 'callback' ? { [externalId.name]: consent.tenant } : {}),
      code: codes.issue(consent),
    }),
  });
}

/** The scopes that are asked for. An app of which none are known has one by default (RFC 6749, 3.3). */
function scopesOf({ scopes = [], scopeSeparator = ' ' }: OAuthDefinition): (asked: string) => readonly string[] {
  return (asked) => {
    const list = asked.split(scopeSeparator).filter((scope) => scope !== '');
    return list.length === 0 && scopes.length === 0 ? ['default'] : list;
  };
}
