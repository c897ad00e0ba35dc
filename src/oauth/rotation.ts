import type { Clock } from '../clock.ts';
import { type ErrorCode, isLwiError, LwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { openRefreshToken, sealToken } from './sealed-token.ts';
import type { TokenSet } from './token-set.ts';
import { usableConnection } from './usable-connection.ts';

/** What became of one connection's token. */
export type RefreshOutcome = 'refreshed' | 'fresh' | 'joined';

export interface RefreshResult {
  readonly outcome: RefreshOutcome;
  readonly row: ConnectionRow;
}

/** Gets a new token set for a row; the only part that talks to the provider. */
export type Renew = (row: ConnectionRow, refreshToken: Secret | undefined, signal: AbortSignal) => Promise<TokenSet>;

export interface RotationParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly renew: Renew;
  /** Names this process, e.g. `4711@host`. */
  readonly owner: string;
}

/** After these the provider may have used up the refresh token, although no new one arrived. A stop in mid-flight is one of them. */
const MAY_HAVE_SPENT: readonly ErrorCode[] = [
  'TIMEOUT',
  'NETWORK',
  'BAD_RESPONSE',
  'SERVER_ERROR',
  'INTERRUPTED',
  'TERMINATED',
];

/**
 * Spends the refresh token: note, spend, store. Heeds no stop by the person: an answer that is thrown away could be the only copy of a
 * rotated token; the timeouts of the request bound it. To be called under the refresh lease. Throws RECONNECT_REQUIRED when the provider
 * refuses the token, and whatever else the token endpoint came to.
 */
export async function rotate(parts: RotationParts, row: ConnectionRow): Promise<RefreshResult> {
  const { store, vault, clock, owner, renew } = parts;
  // Reading the secrets and writing the note first proves that key and store work before the token is spent.
  const refreshToken = await openRefreshToken(vault, row);
  const noted = await store.beginRotation(row, row.generation, { startedAt: clock.now(), owner });
  if (!noted) return { outcome: 'joined', row: await usableConnection(store, row) };
  let set: TokenSet;
  try {
    set = await renew(row, refreshToken, new AbortController().signal);
  } catch (error) {
    return failed(parts, row, error);
  }
  const token = await sealToken(vault, row, {
    ...set,
    refreshToken: set.refreshToken ?? refreshToken,
    scopes: set.scopes.length > 0 ? set.scopes : row.token.scopes,
    refreshExpiresAt: set.refreshExpiresAt ?? (set.refreshToken ? undefined : row.token.refreshExpiresAt),
    refreshHardExpiresAt: set.refreshHardExpiresAt ?? row.token.refreshHardExpiresAt,
  });
  const change = { token, externalName: set.facts.externalName, at: clock.now() };
  const stored = await store.replaceToken(row, change, row.generation);
  // Not stored: the connection was replaced or removed meanwhile, which wins. What is on disk is what counts.
  return { outcome: stored ? 'refreshed' : 'joined', row: await usableConnection(store, row) };
}

/** Only a refusal of the token that is stored now ends the connection; everything else leaves it as it was. */
async function failed({ store, clock }: RotationParts, row: ConnectionRow, error: unknown): Promise<RefreshResult> {
  const current = await store.connection(row);
  if (current && current.generation !== row.generation) {
    return { outcome: 'joined', row: await usableConnection(store, row) };
  }
  const at = clock.now();
  if (!isLwiError(error, 'GRANT_REJECTED')) {
    const detail = error instanceof Error ? error.message : 'unknown';
    // The note then stays and explains a later refusal.
    const spent = !isLwiError(error) || (isLwiError(error, ...MAY_HAVE_SPENT) && !error.facts.unsent);
    await store.failRotation(row, { at, outcome: 'failed', detail, spent }, row.generation);
    throw error;
  }
  const { rotation } = row;
  const begun = rotation && new Date(rotation.startedAt).toISOString();
  const detail = begun ? `${error.message} (a refresh begun at ${begun} never ended)` : error.message;
  await store.failRotation(row, { at, outcome: 'reconnect', detail, spent: false }, row.generation);
  throw new LwiError('RECONNECT_REQUIRED', `${row.provider} no longer accepts the refresh token: ${detail}.`, {
    provider: row.provider,
    account: row.account,
    providerCode: error.facts.providerCode,
    cause: error,
  });
}
