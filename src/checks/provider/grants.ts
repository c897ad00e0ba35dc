import { LwiError } from '../../errors.ts';
import { approve, approveDevice } from '../../mock/approve.ts';
import { authorizationUrl } from '../../oauth/authorization-request.ts';
import { storeGrant } from '../../oauth/connect.ts';
import { awaitApproval, requestDeviceCode } from '../../oauth/device-authorization.ts';
import { identify } from '../../oauth/identify.ts';
import { clientCredentialsGrant, exchangeCode, type Protocol, passwordGrant } from '../../oauth/protocol.ts';
import { variantOf } from '../../oauth/settings.ts';
import { type TokenSet, withAskedScopes } from '../../oauth/token-set.ts';
import type { Secret } from '../../secret.ts';
import type { ConnectionRow } from '../../store/store.ts';
import type { Bench } from './bench.ts';
import { alwaysThis, broughtToken, loginOf, protocolOf, requestFor } from './protocol-at.ts';

/** How a connection is made. */
export interface Way {
  readonly account?: string;
  /** Which of the companies that the authorization page offers, from 0. */
  readonly company?: number;
  readonly variant?: string | undefined;
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
      await approveDevice((device.verificationUriComplete ?? device.verificationUri).href, { company });
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

function setOf(accessToken: Secret, issuedAt: number): TokenSet {
  return { accessToken, tokenType: 'bearer', issuedAt, scopes: [], facts: {} };
}
