import type { ConnectionKey } from '../../connection.ts';
import type { BearerSource } from '../../http/authorize.ts';
import { BROUGHT_TOKEN } from '../../mock/generic/generic.ts';
import { type AppCredentials, type Login, NO_APP } from '../../oauth/app-credentials.ts';
import { newAuthorization } from '../../oauth/authorization-request.ts';
import { discover } from '../../oauth/discovery.ts';
import type { Protocol } from '../../oauth/protocol.ts';
import { DEFAULT_PORT, planRedirect } from '../../oauth/redirect.ts';
import { variantOf } from '../../oauth/settings.ts';
import type { OAuthSettings } from '../../providers/oauth-settings.ts';
import type { Provider } from '../../providers/provider.ts';
import { Secret } from '../../secret.ts';
import type { ConnectionRow } from '../../store/store.ts';
import type { Bench } from './bench.ts';
import type { Subject } from './subject.ts';

/** The ways to connect that the provider names; one without a name where there is but one. */
export function variantsOf({ oauth }: Provider): readonly (string | undefined)[] {
  const names = Object.keys(oauth.variants ?? {});
  return names.length > 0 ? names : [undefined];
}

/** User name and password for a password grant. */
export function loginOf({ elsewhere }: Subject, account: string): Login {
  const made = { username: `${account}@example.com`, password: new Secret('lwi-check-password'), source: 'made up' };
  return elsewhere?.login ?? made;
}

/** The protocol of a connection to the server in the provider's place. */
export async function protocolOf(bench: Bench, { account }: Pick<ConnectionKey, 'account'>, name?: string) {
  const { provider, subject, oauth: send, signal, clock } = bench;
  const { settings, endpoints } = variantOf(provider, bench.endpoints, name);
  const call: Protocol['call'] = {
    ...{ provider: provider.id, connection: { account, provider: provider.id }, limits: [], priority: 'interactive' },
    ...{ repeatable: false, raw: true, signal, purpose: 'token' },
  };
  const protocol: Protocol = {
    send,
    call,
    provider,
    settings,
    endpoints,
    app: appOf(subject, settings),
    now: clock.now,
  };
  return { ...protocol, ...(await discover(protocol)) };
}

function appOf({ elsewhere }: Subject, settings: OAuthSettings): AppCredentials {
  if (settings.clientAuthentication === 'omitted') return NO_APP;
  const app = elsewhere?.app ?? { clientId: 'lwi-check-client', clientSecret: new Secret('lwi-check-secret') };
  return {
    ...app,
    source: 'provider check',
    ...(settings.clientAuthentication === 'none' ? { clientSecret: undefined } : {}),
  };
}

/** An authorization request as `connect` would make it. */
export function requestFor({ settings, provider }: Protocol) {
  const { uri } = planRedirect(provider, settings, { env: 'mock' });
  if (uri.port === '0') uri.port = String(DEFAULT_PORT);
  return { redirectUri: uri.href, scopes: settings.scopes, ...newAuthorization() };
}

/** Whether there is a way to another token: the refresh token, or the grant itself once more. */
export function isRenewable({ oauth }: Provider, { token }: ConnectionRow): boolean {
  return (
    token.refreshToken !== undefined || oauth.onRefreshRejected === 'password' || oauth.grant === 'client_credentials'
  );
}

/** A source that has one token and gets no other. */
export function alwaysThis(token: Secret): BearerSource {
  const bearer = async () => ({ token, generation: 0 });
  return { bearer, renewedBearer: bearer, ended: async () => {} };
}

/** A token that was made elsewhere, where there is no grant to get one by, or one was given. */
export function broughtToken({ elsewhere, provider }: Subject): Secret | undefined {
  if (elsewhere?.token) return elsewhere.token;
  return provider.oauth.grant === 'token' ? new Secret(BROUGHT_TOKEN) : undefined;
}
