import type { ConnectionKey } from '../../connection.ts';
import { LwiError } from '../../errors.ts';
import type { BearerSource } from '../../http/authorize.ts';
import { approve } from '../../mock/approve.ts';
import { BROUGHT_TOKEN } from '../../mock/generic/generic.ts';
import { type AppCredentials, type Login, NO_APP } from '../../oauth/app-credentials.ts';
import { authorizationUrl, newAuthorization } from '../../oauth/authorization-request.ts';
import { storeGrant } from '../../oauth/connect.ts';
import { awaitApproval, requestDeviceCode } from '../../oauth/device-authorization.ts';
import { discover } from '../../oauth/discovery.ts';
import { identify } from '../../oauth/identify.ts';
import { clientCredentialsGrant, exchangeCode, type Protocol, passwordGrant } from '../../oauth/protocol.ts';
import { DEFAULT_PORT, planRedirect } from '../../oauth/redirect.ts';
import { variantOf } from '../../oauth/settings.ts';
import { type TokenSet, withAskedScopes } from '../../oauth/token-set.ts';
import type { OAuthSettings, Provider } from '../../providers/provider.ts';
import { Secret } from '../../secret.ts';
import type { ConnectionRow } from '../../store/store.ts';
import type { Bench } from './bench.ts';
import type { Subject } from './subject.ts';

/** How a connection is made. */
export interface Way {
  readonly account?: string;
  /** Which of the companies that the authorization page offers, from 0. */
  readonly company?: number;
  readonly variant?: string | undefined;
}

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

/** A token set by the provider's grant, and for a grant with a code what gets a second one for the same code. */
export async function obtain(
  bench: Bench,
  protocol: Protocol,
  way: Way,
): Promise<{ readonly set: TokenSet; readonly again?: () => Promise<TokenSet> }> {
  const { settings, provider } = protocol;
  const { account = 'north', company = 0 } = way;
  const brought = broughtToken(bench.subject);
  if (brought) return { set: setOf(brought, bench.clock.now()) };
  switch (settings.grant) {
    case 'authorization_code': {
      const request = requestFor(protocol);
      const location = new URL(await approve(authorizationUrl(protocol, request).href, { company }));
      const exchange = () => exchangeCode(protocol, location.searchParams, request);
      return { set: withAskedScopes(await exchange(), settings.scopes), again: exchange };
    }
    case 'password':
      return { set: await passwordGrant(protocol, loginOf(bench.subject, account)) };
    case 'client_credentials':
      return { set: await clientCredentialsGrant(protocol, settings.scopes) };
    case 'device_code': {
      const device = await requestDeviceCode(protocol, settings.scopes);
      await approveDevice(device.verificationUriComplete ?? device.verificationUri);
      return { set: await awaitApproval(protocol, device, bench.clock) };
    }
    case 'token':
      throw new LwiError('UNSUPPORTED', `${provider.title} has no grant: it takes tokens made elsewhere.`);
  }
}

/** Connects an account. */
export async function connect(bench: Bench, way: Way = {}): Promise<ConnectionRow> {
  const protocol = await protocolOf(bench, { account: way.account ?? 'north' }, way.variant);
  const { set } = await obtain(bench, protocol, way);
  return keep(bench, protocol, set, way);
}

/** Stores a grant as a connection. */
export async function keep(bench: Bench, protocol: Protocol, set: TokenSet, way: Way): Promise<ConnectionRow> {
  const { provider, endpoints, store, vault, clock, owner, signal } = bench;
  const key = { account: way.account ?? 'north', provider: provider.id };
  const { variant } = variantOf(provider, endpoints, way.variant);
  const app = protocol.settings.clientAuthentication === 'omitted' ? undefined : protocol.app;
  return storeGrant(
    { key, env: 'mock', variant, provider, set, app, replace: false },
    {
      ...{ store, vault, clock, owner, signal, warn: () => {} },
      identify: (token, externalId) =>
        identify(bench.api({ tokens: alwaysThis(token) }), provider, endpoints, externalId, key, signal),
    },
  );
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

function setOf(accessToken: Secret, issuedAt: number): TokenSet {
  return { accessToken, tokenType: 'bearer', issuedAt, scopes: [], facts: {} };
}

/** Plays the person at the page where a device's code is approved. */
async function approveDevice(page: URL): Promise<void> {
  const html = await (await fetch(page, { redirect: 'manual' })).text();
  const company = /<input type="radio" name="company" value="([^"]*)"/.exec(html)?.[1] ?? '';
  const body = new URLSearchParams({ company, decision: 'approve' });
  await fetch(page, { method: 'POST', body, redirect: 'manual' });
}
