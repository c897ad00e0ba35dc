import { dottedValue } from '../../dotted-path.ts';
import { namesPort80 } from '../../loopback-host.ts';
import { asId, asPositive } from '../json-value.ts';
import type { GrantFacts, GrantInput, OAuthSettings, RedirectRule } from '../oauth-settings.ts';
import type { OAuthDefinition, ProviderFile } from './definition.ts';

/** RFC 8252, 7.3: a loopback IP, any free port. */
const DEFAULT_REDIRECT = 'http://127.0.0.1/callback';

/**
 * The grant of a definition. Without `oauth` the provider takes tokens that the person pastes. A definition with a
 * password grant logs in again when its refresh token is refused; the others need the person.
 */
export function oauthSettings({ oauth }: ProviderFile): OAuthSettings {
  const { grant = 'authorization_code', scopeSeparator = ' ' } = oauth ?? {};
  const revocable = present({ endpoint: oauth?.revocationEndpoint, issuer: oauth?.issuer });
  return {
    grant: oauth === undefined ? 'token' : grant,
    clientAuthentication: oauth?.clientAuthentication ?? 'basic',
    pkce: oauth?.pkce ?? grant === 'authorization_code',
    onRefreshRejected: oauth !== undefined && grant === 'password' ? 'password' : 'reconnect',
    scopes: oauth?.scopes ?? [],
    scopeSeparator,
    scopeParameter: 'scope',
    authorizationParameters: oauth?.authorizationParameters ?? {},
    tokenHeaders: {},
    redirect: redirectRule(oauth?.redirectUri ?? DEFAULT_REDIRECT),
    revocation: Object.keys(revocable).length > 0 ? 'form' : 'none',
    adaptTokenAnswer: (answer) => answer,
    readGrant: (input) => readGrant(input, oauth),
    ...(oauth !== undefined && oauth.clientAuthentication === undefined ? { clientAuthenticationAssumed: true } : {}),
    ...(oauth === undefined ? { acceptsPastedToken: (token: string) => /^[\x21-\x7e]+$/.test(token) } : {}),
  };
}

/** The members that are there; an empty endpoint is absent. */
export function present<Name extends string>(members: Record<Name, string | undefined>): { [Key in Name]?: string } {
  const filled = Object.entries<string | undefined>(members).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(filled) as { [Key in Name]?: string };
}

/** An https redirect is a relay, or a page whose address is pasted. Port 0 stands for any free one. */
function redirectRule(redirectUri: string): RedirectRule {
  const { hostname, host, port, protocol, pathname, search } = new URL(redirectUri);
  const anyPort = protocol === 'http:' && port === '' && hostname !== 'localhost' && !namesPort80(redirectUri);
  return { loopback: anyPort ? `http://${host}:0${pathname}${search}` : redirectUri, httpsOnlyIn: [] };
}

function readGrant({ body, callback, idToken }: GrantInput, oauth: OAuthDefinition | undefined): GrantFacts {
  const { externalId, scopeSeparator = ' ' } = oauth ?? {};
  const sources = { callback, token: body, idToken };
  const found = externalId === undefined ? undefined : dottedValue(sources[externalId.from], externalId.name);
  const { scope } = body;
  // RFC 6749, 5.1: blanks, whatever the request was written with; some use their own separator here too.
  const scopes =
    typeof scope === 'string' ? scope.split(scope.includes(scopeSeparator) ? scopeSeparator : ' ') : undefined;
  return {
    externalId: asId(found),
    externalUserId: asId(idToken['sub']),
    // Names used by GitHub and by Keycloak, whose 0 means never; no standard has one.
    refreshExpiresIn: asPositive(body['refresh_token_expires_in']) ?? asPositive(body['refresh_expires_in']),
    scopes: scopes?.filter((one) => one !== ''),
  };
}
