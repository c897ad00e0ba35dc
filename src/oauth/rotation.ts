import type { Clock } from '../clock.ts';
import { type ErrorCode, isLwiError, LwiError } from '../errors.ts';
import type { Call } from '../http/http.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Rotation, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { connectCommand } from './connect-command.ts';
import type { Held } from './refresh-lease.ts';
import { openRefreshToken, sealToken } from './sealed-token.ts';
import type { TokenSet } from './token-set.ts';
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
    return failed(parts, row, error, false);
  }
  // This process may have slept since it got the lease (a suspended machine, a stopped job), and somebody else may be spending the token now.
  if (!(await held())) throw leaseLost(row);
  let begun: boolean;
  try {
    begun = await store.beginRotation(row, row.generation, { startedAt: clock.now(), owner });
  } catch (error) {
    return failed(parts, row, error, false);
  }
  if (!begun) return { outcome: 'joined', row: await usableConnection(store, row) };
  let set: TokenSet;
  try {
    set = await spend();
  } catch (error) {
    // What the provider refused to take (429) before the stop came is not spent.
    return failed(parts, row, error, error !== stop.reason && mayHaveSpent(error));
  }
  return keep(parts, row, {
    ...set,
    refreshToken: set.refreshToken ?? refreshToken,
    scopes: set.scopes.length > 0 ? set.scopes : row.token.scopes,
    refreshExpiresAt: set.refreshExpiresAt ?? (set.refreshToken ? undefined : row.token.refreshExpiresAt),
    refreshHardExpiresAt: set.refreshHardExpiresAt ?? row.token.refreshHardExpiresAt,
  });
}

/** How long a token that could not be stored is held in memory while the store may recover, ms, and between two tries. */
const KEEP_TRYING_MS = 30_000;
const TRY_AGAIN_MS = 500;

/**
 * Stores what the provider gave. Nobody else has this token: a store that is full or locked is tried again for a while, and the person is told. The note of
 * the rotation stays when it was in vain, so that the next run can say what happened.
 */
async function keep(parts: RotationParts, row: ConnectionRow, set: TokenSet): Promise<RefreshResult> {
  const { store, vault, clock, warn } = parts;
  const began = clock.now();
  for (let tries = 1; ; tries++) {
    try {
      const token = await sealToken(vault, row, set);
      const change = { token, externalName: set.facts.externalName, at: clock.now() };
      const stored = await store.replaceToken(row, change, row.generation);
      // Not stored: the connection was replaced or removed meanwhile, which wins. What is on disk is what counts.
      return { outcome: stored ? 'refreshed' : 'joined', row: await usableConnection(store, row) };
    } catch (error) {
      // A try may last seconds by itself (a locked database); a clock that is set meanwhile must not draw it out.
      const over = tries > KEEP_TRYING_MS / TRY_AGAIN_MS || clock.now() - began >= KEEP_TRYING_MS;
      if (!isLwiError(error) || error.category !== 'storage' || over) throw error;
      if (tries === 1) warn?.(unstored(row, error));
      await clock.sleep(TRY_AGAIN_MS);
    }
  }
}

function unstored({ account, provider }: ConnectionRow, error: LwiError): string {
  const seconds = KEEP_TRYING_MS / 1000;
  return `The new token of ${account}/${provider} cannot be stored (${error.message}). Trying for ${seconds} s; after that the connection may be lost.`;
}

function leaseLost({ account, provider }: ConnectionRow): LwiError {
  const message = `This process slept too long: another one may be refreshing ${account}/${provider} now.`;
  return new LwiError('LEASE_BUSY', message, { account, provider, retryAfterMs: 1000 });
}

/** Whether the refresh token may be used up although no new one came. */
function mayHaveSpent(error: unknown): boolean {
  return !isLwiError(error) || (isLwiError(error, ...MAY_HAVE_SPENT) && !error.facts.unsent);
}

/** Only a refusal of the token that is stored now ends the connection; everything else leaves it as it was. */
async function failed(
  { store, clock }: RotationParts,
  row: ConnectionRow,
  error: unknown,
  spent: boolean,
): Promise<RefreshResult> {
  const current = await store.connection(row);
  if (current && current.generation !== row.generation) {
    return { outcome: 'joined', row: await usableConnection(store, row) };
  }
  // The note on the row is another one's by now.
  if (isLwiError(error, 'LEASE_BUSY')) throw error;
  const at = clock.now();
  const { account, provider, rotation } = row;
  if (!isLwiError(error, 'GRANT_REJECTED')) {
    const detail = error instanceof Error ? error.message : 'unknown';
    // The note then stays and explains a later refusal; so does that of a refresh before this one, of which nothing more is known now.
    const note = spent ? 'kept' : rotation;
    await noted(store.failRotation(row, { at, outcome: 'failed', detail, note }, row.generation));
    throw error;
  }
  const detail = rotation ? `${error.message} (${lost(rotation)})` : error.message;
  await noted(store.failRotation(row, { at, outcome: 'reconnect', detail }, row.generation));
  throw new LwiError('RECONNECT_REQUIRED', `${provider} no longer accepts the refresh token: ${detail}.`, {
    ...{ provider, account, providerCode: error.facts.providerCode, cause: error },
    hint: `Run ${connectCommand(row)}.`,
  });
}

/** A store in trouble must not hide what the provider said; what could not be noted is found out again by the next run. */
async function noted(work: Promise<boolean>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isLwiError(error) || error.category !== 'storage') throw error;
  });
}

/** What an unfinished rotation means once the provider refuses its token. */
function lost({ owner, startedAt }: Rotation): string {
  return `the refresh that ${owner} began at ${new Date(startedAt).toISOString()} never ended, so its new token was lost`;
}
