import type { Clock } from '../clock.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { type Protocol, refreshGrant } from './protocol.ts';
import { type Held, withRefreshLease } from './refresh-lease.ts';
import { revoke } from './revoke.ts';
import { type Prepare, rotate } from './rotation.ts';
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
  const nobodyElse = async () => undefined;
  return withRefreshLease(deps, row, deps.signal, nobodyElse, async (held) => {
    const current = await store.connection(row);
    if (!current) throw new LwiError('NOT_CONNECTED', `${row.provider} was disconnected already.`, { ...keyOf(row) });
    const outcome = how.keepRemote ? 'kept' : await revokeRemotely(current, how.force, held, deps);
    const { generation } = (await store.connection(row)) ?? current;
    if (await store.deleteConnection(current, generation)) return outcome;
    throw new LwiError('LEASE_BUSY', `Another process changed ${row.provider} at the same moment.`, { ...keyOf(row) });
  });
}

async function revokeRemotely(row: ConnectionRow, force: boolean, held: Held, deps: Deps): Promise<RemoteOutcome> {
  try {
    const protocol = await deps.protocolFor(row, deps.signal);
    if (protocol.settings.revocation === 'none' || !protocol.endpoints.revocationEndpoint) return 'not-offered';
    const vault = await deps.vault();
    const bearer = protocol.settings.revocation === 'bearer';
    // Either token ends the grant; the refresh token is the one that outlives the other (RFC 7009, 2.1).
    const token = bearer ? undefined : await openRefreshToken(vault, row);
    await revoke(protocol, token ?? (await livingToken(row, protocol, vault, held, deps)));
    return 'revoked';
  } catch (error) {
    if (deps.signal.aborted) throw error;
    // The refresh token is dead, and the grant with it: that is what was wanted.
    if (isLwiError(error, 'RECONNECT_REQUIRED')) return 'revoked';
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

/** Who revokes with an access token needs one that has not expired. A new one is stored first, in case the revocation fails. */
async function livingToken(
  row: ConnectionRow,
  protocol: Protocol,
  vault: Vault,
  held: Held,
  deps: Deps,
): Promise<Secret> {
  const { store, clock, owner } = deps;
  const expired = row.token.expiresAt !== undefined && clock.now() >= row.token.expiresAt;
  if (!expired || row.token.refreshToken === undefined) return openAccessToken(vault, row);
  const prepare: Prepare = async (_row, token) => {
    if (token) return () => refreshGrant(protocol, token);
    throw new LwiError('UNSUPPORTED', `${row.provider} gave no refresh token.`, keyOf(row));
  };
  const rotated = await rotate({ store, vault, clock, owner, prepare }, row, held);
  return openAccessToken(vault, rotated.row);
}

function keyOf({ account, provider }: ConnectionRow) {
  return { account, provider };
}
