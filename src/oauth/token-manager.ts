import { type ConnectionKey, connectionName } from '../connection.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { Bearer, BearerSource } from '../http/authorize.ts';
import type { ConnectionRow } from '../store/store.ts';
import { connectCommand } from './connect-command.ts';
import { withRefreshLease } from './refresh-lease.ts';
import { type RefreshResult, type RotationParts, rotate } from './rotation.ts';
import { openAccessToken } from './sealed-token.ts';
import { isDue } from './token-set.ts';
import { usableConnection } from './usable-connection.ts';

export type { Prepare } from './rotation.ts';

/** Shortest time between two proactive refreshes that fail, ms (Nango #5505: 60,000 failing refreshes in a day). */
const COOL_DOWN_MS = 30_000;

/**
 * The token lifecycle of all connections. However many callers and processes need a token at the same moment, the provider sees one
 * request: callers in this process share a promise, processes share a lease in the store, and who waited goes on with the result.
 */
export class TokenManager implements BearerSource {
  readonly #parts: RotationParts;
  readonly #inFlight = new Map<string, Promise<RefreshResult>>();

  constructor(parts: RotationParts) {
    this.#parts = parts;
  }

  /** A proactive refresh that fails costs nothing while the token still lives: then the old one goes on being used. */
  async bearer(key: ConnectionKey, signal: AbortSignal): Promise<Bearer> {
    const row = await this.usable(key);
    if (!this.#needed(row, undefined) || this.#coolingDown(row)) return this.#open(row);
    try {
      return await this.#open((await this.refresh(key, signal)).row);
    } catch (error) {
      if (signal.aborted || !isLwiError(error) || isLwiError(error, 'RECONNECT_REQUIRED', 'NOT_CONNECTED')) throw error;
      const current = await this.usable(key);
      if (error.category === 'storage') throw error;
      if (!this.#expired(current)) return this.#open(current);
      if (this.#renewable(current, error)) throw error;
      throw await this.#ended(current, 'the access token has expired', error);
    }
  }

  /** The provider refused the token of `generation`. Where there is nothing to refresh it with, the connection has ended. */
  async renewedBearer(key: ConnectionKey, generation: number, signal: AbortSignal): Promise<Bearer> {
    try {
      return await this.#open((await this.refresh(key, signal, { olderThan: generation + 1 })).row);
    } catch (error) {
      if (!isLwiError(error, 'UNSUPPORTED')) throw error;
      const row = await this.usable(key);
      if (this.#renewable(row, error)) throw error;
      if (row.generation > generation) return this.#open(row);
      throw await this.#ended(row, 'the provider refused the access token', error);
    }
  }

  /** Marks the connection, unless it has got another token since. */
  async ended(key: ConnectionKey, generation: number, why: string): Promise<void> {
    const { store, clock } = this.#parts;
    await store.failRotation(key, { at: clock.now(), outcome: 'reconnect', detail: why }, generation);
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
    if (!running) {
      const promise = this.#refreshAlone(key, row, want.olderThan, signal).finally(() => this.#inFlight.delete(name));
      this.#inFlight.set(name, promise);
      return promise;
    }
    // When that caller was stopped, this one was not: it goes on by itself.
    const theirs = await running.catch((error: unknown) => {
      if (isLwiError(error) && error.category !== 'stopped') throw error;
    });
    signal.throwIfAborted();
    const stillNeeded = !theirs || this.#needed(theirs.row, want.olderThan);
    return stillNeeded ? this.refresh(key, signal, want) : { outcome: 'joined', row: theirs.row };
  }

  /** The connection, if it is one that can be used. Throws NOT_CONNECTED, RECONNECT_REQUIRED. */
  usable(key: ConnectionKey): Promise<ConnectionRow> {
    return usableConnection(this.#parts.store, key);
  }

  async #open(row: ConnectionRow): Promise<Bearer> {
    return { token: await openAccessToken(this.#parts.vault, row), generation: row.generation };
  }

  /** The one question, asked before the lease, while waiting for it and again under it. */
  #needed(row: ConnectionRow, olderThan: number | undefined): boolean {
    return olderThan === undefined ? isDue(row.token, this.#parts.clock.now()) : row.generation < olderThan;
  }

  #expired(row: ConnectionRow): boolean {
    return row.token.expiresAt !== undefined && this.#parts.clock.now() >= row.token.expiresAt;
  }

  /** Whether there was a way to a new token, so that the failure was something else. */
  #renewable(row: ConnectionRow, error: unknown): boolean {
    return !isLwiError(error, 'UNSUPPORTED') || row.token.refreshToken !== undefined;
  }

  /** After a failed refresh the token endpoint is left alone for a while, as long as the token lasts. */
  #coolingDown(row: ConnectionRow): boolean {
    const last = row.lastRefresh;
    if (last?.outcome !== 'failed' || this.#expired(row)) return false;
    return Math.abs(this.#parts.clock.now() - last.at) < COOL_DOWN_MS;
  }

  /** Marks a connection whose token is of no use any more and that has no way to a new one. */
  async #ended(row: ConnectionRow, why: string, cause: LwiError): Promise<LwiError> {
    const { account, provider } = row;
    const detail = `${why}, and there is no refresh token`;
    await this.ended(row, row.generation, detail);
    const message = `${provider} must be connected again: ${detail}.`;
    return new LwiError('RECONNECT_REQUIRED', message, {
      account,
      provider,
      cause,
      hint: `Run ${connectCommand(row)}.`,
    });
  }

  async #refreshAlone(key: ConnectionKey, seen: ConnectionRow, olderThan: number | undefined, signal: AbortSignal) {
    // Trouble with the key is found out before anybody waits, and whoever waits then has the key at hand.
    await this.#parts.vault.ready();
    const joined = async (): Promise<RefreshResult | undefined> => {
      const row = await this.usable(key);
      const elsewhere = row.generation > seen.generation && !this.#needed(row, olderThan);
      return elsewhere ? { outcome: 'joined', row } : undefined;
    };
    return withRefreshLease(this.#parts, key, signal, joined, async (held) => {
      const { unstopped = (work) => work } = this.#parts;
      const result = (await joined()) ?? (await unstopped(rotate(this.#parts, await this.usable(key), held, signal)));
      // A stop that was held back until the token was safe.
      signal.throwIfAborted();
      return result;
    });
  }
}
