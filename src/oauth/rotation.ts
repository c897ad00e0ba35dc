import type { Clock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import type { Call } from '../http/http.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { keepToken } from './keep-token.ts';
import { mayHaveSpent, refreshFailed } from './refresh-failed.ts';
import type { Held } from './refresh-lease.ts';
import { openRefreshToken } from './sealed-token.ts';
import { type TokenSet, withAskedScopes } from './token-set.ts';
import { unfinishedElsewhere } from './unfinished-rotation.ts';
import { usableConnection } from './usable-connection.ts';

/** What became of one connection's token. */
export type RefreshOutcome = 'refreshed' | 'fresh' | 'joined';

export interface RefreshResult {
  readonly outcome: RefreshOutcome;
  readonly row: ConnectionRow;
}

/** The step that cannot be taken back: sends the request that may use the refresh token up. */
export type Spend = () => Promise<TokenSet>;

/** Makes everything ready for getting a new token set, so that nothing but the request itself is left. */
export type Prepare = (
  row: ConnectionRow,
  refreshToken: Secret | undefined,
  signal: AbortSignal,
  repeats: Repeats,
) => Promise<Spend>;

/** What a request that was not taken (429, or never sent) has to heed before it is sent again. */
export type Repeats = Required<Pick<Call, 'beforeRepeat' | 'patience'>>;

/** Longer than any write takes that nothing holds up, ms. */
const PROMPT_MS = 1000;

export interface RotationParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly prepare: Prepare;
  /** Names this process, e.g. `4711@host`. */
  readonly owner: string;
  /** Holds the exit of the process until the work has ended. */
  readonly unstopped?: (<T>(work: Promise<T>) => Promise<T>) | undefined;
  /** See `withRefreshLease`. */
  readonly leaseTtlMs?: number | undefined;
  /** Takes a sentence about something that a person could still put right. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * Spends the refresh token: make ready, note, spend, store. Heeds a stop by the person (`stop`) only while it waits to send the request again: an
 * answer that is thrown away could be the only copy of a rotated token; the timeouts of the request bound it. To be called under the refresh
 * lease, which `held` asks for. Throws RECONNECT_REQUIRED when the provider refuses the token, LEASE_BUSY when the lease was lost, and whatever
 * else the token endpoint came to.
 */
export async function rotate(
  parts: RotationParts,
  row: ConnectionRow,
  held: Held,
  stop: AbortSignal,
): Promise<RefreshResult> {
  const { store, vault, clock, owner, prepare } = parts;
  const elsewhere = await unfinishedElsewhere(parts, row, stop);
  if (elsewhere) return elsewhere;
  // Secrets, settings and store prove that they work before the token is spent.
  const refreshToken = await openRefreshToken(vault, row);
  let spend: Spend;
  try {
    spend = await prepare(row, refreshToken, new AbortController().signal, {
      patience: stop,
      beforeRepeat: async () => {
        if (!(await held())) throw leaseLost(row);
      },
    });
  } catch (error) {
    return refreshFailed(parts, row, error, false);
  }
  // This process may have slept since it got the lease (a suspended machine, a stopped job), and somebody else may be spending the token now.
  if (!(await held())) throw leaseLost(row);
  const asked = clock.now();
  let begun: boolean;
  try {
    begun = await store.beginRotation(row, row.generation, { startedAt: clock.now(), owner });
  } catch (error) {
    return refreshFailed(parts, row, error, false);
  }
  if (!begun) return { outcome: 'joined', row: await usableConnection(store, row) };
  // A database far away may take its time to write, and the process may have slept again.
  if (Math.abs(clock.now() - asked) > PROMPT_MS && !(await held())) throw leaseLost(row);
  let set: TokenSet;
  try {
    set = await spend();
  } catch (error) {
    // What the provider refused to take (429) before the stop came is not spent.
    return refreshFailed(parts, row, error, error !== stop.reason && mayHaveSpent(error));
  }
  return keepToken(parts, row, {
    ...withAskedScopes(set, row.token.scopes),
    refreshToken: set.refreshToken ?? refreshToken,
    refreshExpiresAt: set.refreshExpiresAt ?? (set.refreshToken ? undefined : row.token.refreshExpiresAt),
    refreshHardExpiresAt: set.refreshHardExpiresAt ?? row.token.refreshHardExpiresAt,
  });
}

function leaseLost({ account, provider }: ConnectionRow): LwiError {
  const message = `This process slept too long: another one may be refreshing ${account}/${provider} now.`;
  return new LwiError('LEASE_BUSY', message, { account, provider, retryAfterMs: 1000 });
}
