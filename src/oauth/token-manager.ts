import type { Clock } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { Bearer, BearerSource } from '../http/authorize.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { withRefreshLease } from './refresh-lease.ts';
import { openAccessToken, openRefreshToken, sealToken } from './sealed-token.ts';
import { isDue, type TokenSet } from './token-set.ts';

/** What became of one connection's token. */
export type RefreshOutcome = 'refreshed' | 'fresh' | 'joined';

export interface RefreshResult {
  readonly outcome: RefreshOutcome;
  readonly row: ConnectionRow;
}

/** Gets a new token set for a row; the only part that talks to the provider. */
export type Renew = (row: ConnectionRow, refreshToken: Secret | undefined, signal: AbortSignal) => Promise<TokenSet>;

/** Shortest time between two proactive refreshes that fail, ms (Nango #5505: 60,000 failing refreshes in a day). */
const COOL_DOWN_MS = 30_000;

interface Deps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly renew: Renew;
  /** Names this process, e.g. `4711@host`. */
  readonly owner: string;
}

/**
 * The token lifecycle of all connections. However many callers and processes need a token at the same moment, the provider sees one
 * request: callers in this process share a promise, processes share a lease in the store, and who waited goes on with the result.
 */
export class TokenManager implements BearerSource {
  readonly #deps: Deps;
  readonly #inFlight = new Map<string, Promise<RefreshResult>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A proactive refresh that fails costs nothing while the token still lives: then the old one goes on being used. */
  async bearer(key: ConnectionKey, signal: AbortSignal): Promise<Bearer> {
    const row = await this.usable(key);
    if (this.#coolingDown(row)) return this.#open(row);
    try {
      return await this.#open((await this.refresh(key, signal)).row);
    } catch (error) {
      if (signal.aborted || !isLwiError(error) || isLwiError(error, 'RECONNECT_REQUIRED', 'NOT_CONNECTED')) throw error;
      const current = await this.usable(key);
      if (error.category === 'storage' || this.#expired(current)) throw error;
      return this.#open(current);
    }
  }

  /** The provider refused the token of `generation`. Where there is nothing to refresh it with, the connection has ended. */
  async renewedBearer(key: ConnectionKey, generation: number, signal: AbortSignal): Promise<Bearer> {
    try {
      return await this.#open((await this.refresh(key, signal, { olderThan: generation + 1 })).row);
    } catch (error) {
      if (!isLwiError(error, 'UNSUPPORTED')) throw error;
      const row = await this.usable(key);
      const detail = 'the provider refused the access token, and it gave no refresh token';
      const failure = { at: this.#deps.clock.now(), outcome: 'reconnect', detail, spent: false } as const;
      await this.#deps.store.failRotation(key, failure, row.generation);
      throw new LwiError('RECONNECT_REQUIRED', `${key.provider} must be connected again: ${detail}.`, { ...key, cause: error });
    }
  }

  /**
   * Makes sure that the token is not due, or, with `olderThan`, that its generation is at least that. Throws NOT_CONNECTED,
   * RECONNECT_REQUIRED, LEASE_BUSY, and whatever the token endpoint came to. Trouble on the way never loses a token.
   */
  async refresh(key: ConnectionKey, signal: AbortSignal, want: { olderThan?: number } = {}): Promise<RefreshResult> {
    const row = await this.usable(key);
    if (!this.#needed(row, want.olderThan)) return { outcome: 'fresh', row };
    const name = connectionName(key);
    const running = this.#inFlight.get(name);
    if (running) {
      const { row: theirs } = await running;
      return this.#needed(theirs, want.olderThan) ? this.refresh(key, signal, want) : { outcome: 'joined', row: theirs };
    }
    const promise = this.#refreshAlone(key, row, want.olderThan, signal).finally(() => this.#inFlight.delete(name));
    this.#inFlight.set(name, promise);
    return promise;
  }

  /** The connection, if it is one that can be used. Throws NOT_CONNECTED, RECONNECT_REQUIRED. */
  async usable(key: ConnectionKey): Promise<ConnectionRow> {
    const row = await this.#deps.store.connection(key);
    if (!row) {
      throw new LwiError('NOT_CONNECTED', `Account ${key.account} has no connection to ${key.provider}.`, { ...key });
    }
    if (row.state === 'reconnect') {
      const why = row.stateReason ?? 'the provider no longer accepts its credentials';
      throw new LwiError('RECONNECT_REQUIRED', `${key.provider} of account ${key.account} must be connected again: ${why}.`, {
        ...key,
      });
    }
    return row;
  }

  async #open(row: ConnectionRow): Promise<Bearer> {
    return { token: await openAccessToken(this.#deps.vault, row), generation: row.generation };
  }

  /** The one question, asked before the lease, while waiting for it and again under it. */
  #needed(row: ConnectionRow, olderThan: number | undefined): boolean {
    return olderThan === undefined ? isDue(row.token, this.#deps.clock.now()) : row.generation < olderThan;
  }

  #expired(row: ConnectionRow): boolean {
    return row.token.expiresAt !== undefined && this.#deps.clock.now() >= row.token.expiresAt;
  }

  /** After a failed refresh the token endpoint is left alone for a while, as long as the token lasts. */
  #coolingDown(row: ConnectionRow): boolean {
    const last = row.lastRefresh;
    if (last?.outcome !== 'failed' || this.#expired(row)) return false;
    return Math.abs(this.#deps.clock.now() - last.at) < COOL_DOWN_MS;
  }

  #refreshAlone(key: ConnectionKey, seen: ConnectionRow, olderThan: number | undefined, signal: AbortSignal) {
    const joined = async (): Promise<RefreshResult | undefined> => {
      const row = await this.usable(key);
      const elsewhere = row.generation > seen.generation && !this.#needed(row, olderThan);
      return elsewhere ? { outcome: 'joined', row } : undefined;
    };
    return withRefreshLease(this.#deps, key, signal, joined, async () => {
      return (await joined()) ?? (await this.#rotate(await this.usable(key), signal));
    });
  }

  /** Under the lease: note, spend, store. */
  async #rotate(row: ConnectionRow, signal: AbortSignal): Promise<RefreshResult> {
    const { store, vault, clock, owner, renew } = this.#deps;
    // Reading the secrets and writing the note first proves that key and store work before the token is spent.
    const refreshToken = await openRefreshToken(vault, row);
    const noted = await store.beginRotation(row, row.generation, { startedAt: clock.now(), owner });
    if (!noted) return { outcome: 'joined', row: await this.usable(row) };
    let set: TokenSet;
    try {
      set = await renew(row, refreshToken, signal);
    } catch (error) {
      return this.#failed(row, error);
    }
    const kept = { ...set, refreshToken: set.refreshToken ?? refreshToken, scopes: set.scopes.length > 0 ? set.scopes : row.token.scopes };
    const token = await sealToken(vault, row, {
      ...kept,
      refreshExpiresAt: set.refreshExpiresAt ?? (set.refreshToken ? undefined : row.token.refreshExpiresAt),
      refreshHardExpiresAt: set.refreshHardExpiresAt ?? row.token.refreshHardExpiresAt,
    });
    const change = { token, externalName: set.facts.externalName, at: clock.now() };
    const stored = await store.replaceToken(row, change, row.generation);
    // Not stored: the connection was replaced or removed meanwhile, which wins. What is on disk is what counts.
    return { outcome: stored ? 'refreshed' : 'joined', row: await this.usable(row) };
  }

  /** Only a refusal of the token that is stored now ends the connection; everything else leaves it as it was. */
  async #failed(row: ConnectionRow, error: unknown): Promise<RefreshResult> {
    const { store, clock } = this.#deps;
    const current = await store.connection(row);
    if (current && current.generation !== row.generation) return { outcome: 'joined', row: await this.usable(row) };
    const rejected = isLwiError(error, 'GRANT_REJECTED');
    const interrupted = row.rotation ? ` (a refresh begun at ${new Date(row.rotation.startedAt).toISOString()} never ended)` : '';
    const detail = (error instanceof Error ? error.message : 'unknown') + (rejected ? interrupted : '');
    const outcome = rejected ? 'reconnect' : 'failed';
    // The answer may have been lost after the provider rotated; the note then stays and explains a later refusal.
    const spent = isLwiError(error, 'TIMEOUT', 'NETWORK', 'BAD_RESPONSE', 'SERVER_ERROR') && !error.facts.unsent;
    await store.failRotation(row, { at: clock.now(), outcome, detail, spent }, row.generation);
    if (!rejected) throw error;
    throw new LwiError('RECONNECT_REQUIRED', `${row.provider} no longer accepts the refresh token: ${detail}.`, {
      provider: row.provider,
      account: row.account,
      providerCode: error.facts.providerCode,
      cause: error,
    });
  }
}
