import type { Clock } from '../clock.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { Protocol } from './protocol.ts';
import { withRefreshLease } from './refresh-lease.ts';
import { revoke } from './revoke.ts';
import { openAccessToken, openRefreshToken } from './sealed-token.ts';

interface Deps {
  readonly store: Store;
  readonly vault: () => Promise<Vault>;
  readonly clock: Clock;
  readonly owner: string;
  readonly signal: AbortSignal;
  readonly protocolFor: (row: ConnectionRow, signal: AbortSignal) => Promise<Protocol>;
}

export type RemoteOutcome = 'revoked' | 'kept' | 'not-offered' | 'failed';

/**
 * Ends a connection: revokes at the provider, then deletes here, under the refresh lease, so that no refresh brings it back. If the provider cannot be
 * reached nothing is deleted, unless `force`. Synced records stay.
 */
export async function disconnect(
  row: ConnectionRow,
  how: { keepRemote: boolean; force: boolean },
  deps: Deps,
): Promise<RemoteOutcome> {
  const { store } = deps;
  const deleted = await withRefreshLease(
    deps,
    row,
    deps.signal,
    async () => undefined,
    async () => {
      const current = await store.connection(row);
      if (!current) throw new LwiError('NOT_CONNECTED', `${row.provider} was disconnected already.`, { ...keyOf(row) });
      const outcome = how.keepRemote ? 'kept' : await revokeRemotely(current, how.force, deps);
      await store.deleteConnection(current, current.generation);
      return outcome;
    },
  );
  return deleted;
}

async function revokeRemotely(row: ConnectionRow, force: boolean, deps: Deps): Promise<RemoteOutcome> {
  try {
    const protocol = await deps.protocolFor(row, deps.signal);
    if (protocol.settings.revocation === 'none' || !protocol.endpoints.revocationEndpoint) return 'not-offered';
    const vault = await deps.vault();
    // Either token ends the grant; the refresh token is the one that outlives the other (RFC 7009, 2.1).
    const bearer = protocol.settings.revocation === 'bearer';
    const token = (bearer ? undefined : await openRefreshToken(vault, row)) ?? (await openAccessToken(vault, row));
    await revoke(protocol, token);
    return 'revoked';
  } catch (error) {
    if (deps.signal.aborted) throw error;
    if (force) return 'failed';
    if (!isLwiError(error)) throw error;
    throw new LwiError(error.code, `${error.message} Nothing was deleted.`, {
      ...error.facts,
      ...keyOf(row),
      hint: 'Run the command again later, or with --force to delete here all the same.',
      cause: error,
    });
  }
}

function keyOf({ account, provider }: ConnectionRow) {
  return { account, provider };
}
