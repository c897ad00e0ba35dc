import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ConnectionKey, Environment } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { GrantFacts } from '../providers/oauth-settings.ts';
import type { Provider } from '../providers/provider.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { AppCredentials } from './app-credentials.ts';
import { withRefreshLease } from './refresh-lease.ts';
import { sealToken } from './sealed-token.ts';
import type { TokenSet } from './token-set.ts';

export interface NewGrant {
  readonly key: ConnectionKey;
  readonly env: Environment;
  readonly variant: string | undefined;
  readonly provider: Provider;
  readonly set: TokenSet;
  /** Kept with the connection, so that a refresh works without the environment that connected. */
  readonly app: AppCredentials | undefined;
  /** Whether another company, workspace or environment may take the place of the one connected before. */
  readonly replace: boolean;
}

interface Deps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly owner: string;
  readonly signal: AbortSignal;
  /** Asks the provider who the token belongs to; may throw. */
  readonly identify: (token: Secret, externalId: string | undefined) => Promise<GrantFacts>;
  /** Tells the person about something that did not stop the work. */
  readonly warn: (message: string) => void;
}

/**
 * Stores a new grant as the connection of its account and provider. The one before stays until this one is safely stored, and stays for
 * good (ACCOUNT_MISMATCH) when the new grant is for another company. Under the refresh lease, so that no refresh writes in between.
 */
export async function storeGrant(grant: NewGrant, deps: Deps): Promise<ConnectionRow> {
  const { key, set, app } = grant;
  const { store, vault, clock } = deps;
  const facts = await identified(grant, deps);
  return withRefreshLease(
    deps,
    key,
    deps.signal,
    async () => undefined,
    async () => {
      const before = await store.connection(key);
      if (before && !grant.replace) refuseAnother(before, grant, facts);
      const id = randomUUID();
      const row = { ...key, id };
      const client = app && { clientId: app.clientId, clientSecret: app.clientSecret?.reveal() };
      const stored = await store.putConnection(
        {
          ...row,
          env: grant.env,
          variant: grant.variant,
          client: client && (await vault.seal(JSON.stringify(client), { ...key, column: 'client_encrypted', row: id })),
          externalId: facts.externalId,
          externalName: facts.externalName,
          externalUserId: facts.externalUserId,
          token: await sealToken(vault, row, set),
          at: clock.now(),
        },
        before?.generation,
      );
      const after = stored ? await store.connection(key) : undefined;
      if (after) return after;
      throw new LwiError('LEASE_BUSY', 'Another process connected this account at the same moment.', { ...key });
    },
  );
}

/** Identity from the token answer, completed by the provider's probe. Only the id is needed; a missing name is no failure. */
async function identified({ set, provider, key }: NewGrant, deps: Deps): Promise<GrantFacts> {
  const { facts } = set;
  if (facts.externalName || !provider.api.nameFromProbe) return facts;
  try {
    const probed = await deps.identify(set.accessToken, facts.externalId);
    return { ...facts, ...probed, externalId: facts.externalId ?? probed.externalId };
  } catch (error) {
    if (!facts.externalId || deps.signal.aborted) throw error;
    deps.warn(`${provider.title} did not say the name of account ${key.account}: ${(error as Error).message}`);
    return facts;
  }
}

function refuseAnother(before: ConnectionRow, { env, key, provider }: NewGrant, facts: GrantFacts): void {
  const company = (row: GrantFacts) => (row.externalName ? `${row.externalName} (${row.externalId})` : row.externalId);
  if (before.env !== env) {
    throw new LwiError(
      'ACCOUNT_MISMATCH',
      `Account ${key.account} is connected to ${provider.title} in ${before.env}, not ${env}. The old connection was kept.`,
      { ...key, hint: 'Use another account with -a, or run the command with --replace.' },
    );
  }
  if (before.externalId !== undefined && facts.externalId !== undefined && before.externalId !== facts.externalId) {
    throw new LwiError(
      'ACCOUNT_MISMATCH',
      `Account ${key.account} belongs to ${company(before)}, but the browser came back with ${company(facts)}. The old connection was kept.`,
      { ...key },
    );
  }
}
