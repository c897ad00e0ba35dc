import type { Clock } from '../../src/clock.ts';
import type { ConnectionKey } from '../../src/connection.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { type Held, withRefreshLease } from '../../src/oauth/refresh-lease.ts';
import type { Store } from '../../src/store/store.ts';

interface Deps {
  readonly store: Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease' | 'connections'>;
  readonly clock: Clock;
  readonly owner: string;
}

/** No account can have this name, so that the lease is that of no connection. */
const WHOLE_VAULT: ConnectionKey = { account: '(all)', provider: 'vault' };

/**
 * Runs `work` while nobody refreshes, connects or disconnects, and nobody else does the same: holds a lease for the whole
 * vault and the refresh lease of every connection, taken in the order of their names, so that two never wait for each other. `held` says whether
 * all of them are still ours, and prolongs them. Throws LEASE_BUSY when one is not to be had.
 */
export async function aloneWithVault<T>(deps: Deps, signal: AbortSignal, work: (held: Held) => Promise<T>): Promise<T> {
  const nobody = async () => undefined;
  const take = (left: readonly ConnectionKey[], held: readonly Held[]): Promise<T> => {
    const [key, ...rest] = left;
    if (key === undefined) return work(() => allOf(held));
    return withRefreshLease<T>(deps, key, signal, nobody, (one) => take(rest, [...held, one]));
  };
  const inside = async (held: Held): Promise<T> => {
    const rows = await deps.store.connections();
    return take(
      rows.map(({ account, provider }) => ({ account, provider })),
      [held],
    );
  };
  try {
    return await withRefreshLease<T>(deps, WHOLE_VAULT, signal, nobody, inside);
  } catch (error) {
    if (!isLwiError(error, 'LEASE_BUSY') || error.facts.account !== WHOLE_VAULT.account) throw error;
    throw new LwiError('LEASE_BUSY', 'Another process is changing the key.', {
      retryAfterMs: error.facts.retryAfterMs,
    });
  }
}

async function allOf(held: readonly Held[]): Promise<boolean> {
  for (const one of held) if (!(await one())) return false;
  return true;
}
