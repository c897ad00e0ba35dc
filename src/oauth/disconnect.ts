import type { Clock } from '../clock.ts';
import { isLwiError, LwiError } from '../errors.ts';
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
  readonly protocolFor: (row: ConnectionRow, signal: AbortSignal, purpose: 'revocation') => Promise<Protocol>;
  /** Holds the exit of the process until the work has ended. */
  readonly unstopped: <T>(work: Promise<T>) => Promise<T>;
}

/** How the grant is ended. */
interface How {
  /** Only delete here. */
  readonly keepRemote: boolean;
  /** Delete here also when the provider was not reached or refused. */
  readonly force: boolean;
}

export type RemoteOutcome = 'revoked' | 'kept' | 'not-offered' | 'failed';

/**
 * Ends a connection: revokes at the provider, then deletes here, under the refresh lease, so that no refresh brings it back. If the provider cannot be
 * reached nothing is deleted, unless `force`. A stop is heeded until the revocation begins, and then no more: it would leave a connection here whose
 * grant is gone. Synced records stay. Throws NOT_CONNECTED, LEASE_BUSY, and whatever the revocation came to.
 */
export async function disconnect(row: ConnectionRow, how: How, deps: Deps): Promise<RemoteOutcome> {
  const nobodyElse = async () => undefined;
  return withRefreshLease(deps, row, deps.signal, nobodyElse, async (held) => {
    const current = await deps.store.connection(row);
    if (!current) throw new LwiError('NOT_CONNECTED', `${row.provider} was disconnected already.`, { ...keyOf(row) });
    deps.signal.throwIfAborted();
    return deps.unstopped(end(current, how, held, deps));
  });
}

/** Deletes only what was revoked: a connection that somebody made while this process slept is another one, and stays. */
async function end(row: ConnectionRow, how: How, held: Held, deps: Deps): Promise<RemoteOutcome> {
  const { outcome, last } = how.keepRemote
    ? { outcome: 'kept' as const, last: row }
    : await revokeRemotely(row, how.force, held, deps);
  if (await deps.store.deleteConnection(row, last.generation)) return outcome;
  throw changed(row);
}

/** What came of it, and the row as it is now. */
async function revokeRemotely(
  row: ConnectionRow,
  force: boolean,
  held: Held,
  deps: Deps,
): Promise<{ outcome: RemoteOutcome; last: ConnectionRow }> {
  let last = row;
  try {
    const protocol = await deps.protocolFor(row, new AbortController().signal, 'revocation');
    if (protocol.settings.revocation === 'none' || !protocol.endpoints.revocationEndpoint) {
      return { outcome: 'not-offered', last };
    }
    const vault = await deps.vault();
    // Either token ends the grant; the refresh token is the one that outlives the other (RFC 7009, 2.1).
    let token = protocol.settings.revocation === 'bearer' ? undefined : await openRefreshToken(vault, row);
    if (!token) {
      last = await withLivingToken(row, protocol, vault, held, deps);
      token = await openAccessToken(vault, last);
    }
    if (!(await held())) throw changed(row);
    await revoke(protocol, token);
    return { outcome: 'revoked', last };
  } catch (error) {
    // The refresh token is dead, and the grant with it: that is what was wanted.
    if (isLwiError(error, 'RECONNECT_REQUIRED')) return { outcome: 'revoked', last };
    // The server revokes no tokens of this kind (RFC 7009, 2.2.1).
    if (isLwiError(error, 'UNSUPPORTED')) return { outcome: 'not-offered', last };
    if (force && !isLwiError(error, 'LEASE_BUSY')) return { outcome: 'failed', last };
    if (!isLwiError(error) || isLwiError(error, 'LEASE_BUSY')) throw error;
    throw new LwiError(error.code, `${error.message} Nothing was deleted.`, {
      ...error.facts,
      ...keyOf(row),
      hint: 'Run the command again later, or with --force to delete here all the same.',
      cause: error,
    });
  }
}

/** Who revokes with an access token needs one that has not expired. A new one is stored first, in case the revocation fails. */
async function withLivingToken(
  row: ConnectionRow,
  protocol: Protocol,
  vault: Vault,
  held: Held,
  deps: Deps,
): Promise<ConnectionRow> {
  const { store, clock, owner } = deps;
  const expired = row.token.expiresAt !== undefined && clock.now() >= row.token.expiresAt;
  if (!expired || row.token.refreshToken === undefined) return row;
  const prepare: Prepare = async (_row, token, _signal, repeats) => {
    const patient = { ...protocol, call: { ...protocol.call, ...repeats } };
    if (token) return () => refreshGrant(patient, token);
    throw new LwiError('UNSUPPORTED', `${row.provider} gave no refresh token.`, keyOf(row));
  };
  return (await rotate({ store, vault, clock, owner, prepare }, row, held, deps.signal)).row;
}

function changed(row: ConnectionRow): LwiError {
  const message = `Another process changed ${row.provider} at the same moment. Nothing was deleted.`;
  return new LwiError('LEASE_BUSY', message, { ...keyOf(row), retryAfterMs: 1000 });
}

function keyOf({ account, provider }: ConnectionRow) {
  return { account, provider };
}
