import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import type { ConnectionKey } from '../../src/connection.ts';
import { oauthClient } from '../../src/http/client.ts';
import { transport } from '../../src/http/transport.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import { sealToken } from '../../src/oauth/sealed-token.ts';
import type { TokenSet } from '../../src/oauth/token-set.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { Secret } from '../../src/secret.ts';
import type { ConnectionRow, NewConnection, Store } from '../../src/store/store.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import { openVault, type Vault } from '../../src/vault/vault.ts';
import { database, KEY } from '../http/support.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;

/** The vault of a store, with a key that is always the same. */
export function fixedVault(store: Store): Vault {
  return openVault({ keyProvider: environmentKey(Buffer.alloc(32, 7).toString('base64')), store });
}

/** A token of one hour from the start of the virtual clock. */
export function tokenSet(change: Partial<TokenSet> = {}): TokenSet {
  return {
    accessToken: new Secret('access-1'),
    refreshToken: new Secret('refresh-1'),
    tokenType: 'bearer',
    issuedAt: START,
    expiresAt: START + HOUR_MS,
    scopes: ['read'],
    facts: {},
    ...change,
  };
}

/** Stores a connection with this token set. */
export async function connected(
  store: Store,
  vault: Vault,
  set: TokenSet = tokenSet(),
  change: Partial<NewConnection> = {},
): Promise<ConnectionRow> {
  const id = '3f0c7a52-0f6e-4c55-9d2b-6a9e2d6f3c11';
  const row = { ...KEY, id, env: 'mock' as const, externalId: '9130', at: START, ...change };
  const before = await store.connection(row);
  await store.putConnection({ ...row, token: await sealToken(vault, row, set) }, before?.generation);
  return rowOf(store, row);
}

/** The stored connection; fails without one. */
export async function rowOf(store: Store, key: ConnectionKey = KEY): Promise<ConnectionRow> {
  const row = await store.connection(key);
  if (!row) throw new Error('there is no connection');
  return row;
}

/** The protocol of a provider over a real connection, through the onion of OAuth endpoints. */
export function protocolFor(
  provider: Provider,
  endpoints: Protocol['endpoints'],
  change: Partial<Protocol> & { clock?: Clock } = {},
): Protocol {
  const { clock = virtualClock(), ...rest } = change;
  const { send, close } = transport({ userAgent: 'lwi-test', now: clock.now });
  onTestFinished(close);
  const parts = { clock, random: () => 0, store: database(() => clock.now())(), transport: send, verbosity: 0 };
  return {
    send: oauthClient({ ...parts, log: () => {} }, provider),
    call: {
      provider: provider.id,
      connection: { account: 'acme', provider: provider.id },
      limits: [],
      priority: 'interactive',
      repeatable: false,
      raw: true,
      signal: new AbortController().signal,
      purpose: 'token',
    },
    provider,
    settings: provider.oauth,
    endpoints,
    app: { clientId: 'client-1', clientSecret: new Secret('secret-1'), source: 'the test' },
    now: () => clock.now(),
    ...rest,
  };
}
