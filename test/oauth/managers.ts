import { type ErrorCode, LwiError } from '../../src/errors.ts';
import { type Prepare, TokenManager } from '../../src/oauth/token-manager.ts';
import type { TokenSet } from '../../src/oauth/token-set.ts';
import { Secret } from '../../src/secret.ts';
import type { ConnectionRow, Store } from '../../src/store/store.ts';
import { database, KEY } from '../http/support.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { connected, fixedVault, tokenSet } from './support.ts';

export const HOUR_MS = 3_600_000;
export const DUE_MS = 0.8 * HOUR_MS;
export const SIGNAL = new AbortController().signal;

/** The provider as one function; everything before the request is ready at once. */
export type Renew = (row: ConnectionRow, refreshToken: Secret | undefined, signal: AbortSignal) => Promise<TokenSet>;
export const prepared =
  (renew: Renew): Prepare =>
  async (row, refreshToken, signal) =>
  () =>
    renew(row, refreshToken, signal);

/** A database with one connection, and token managers on it; each with a store of its own is another process. */
export async function setup(first: Partial<TokenSet> = {}) {
  const clock = virtualClock();
  const open = database(clock.now);
  const store = open();
  const vault = fixedVault(store);
  await connected(store, vault, tokenSet(first));
  let number = 1;
  /** The next token set, as the provider would give it. */
  const next = (): TokenSet => {
    number += 1;
    return tokenSet({
      accessToken: new Secret(`access-${number}`),
      refreshToken: new Secret(`refresh-${number}`),
      issuedAt: clock.now(),
      expiresAt: clock.now() + HOUR_MS,
    });
  };
  const spent: (string | undefined)[] = [];
  const provider: Renew = async (_row, refreshToken) => {
    spent.push(refreshToken?.reveal());
    await clock.sleep(800);
    return next();
  };
  const manager = (renew: Renew = provider, on: Store = store) =>
    new TokenManager({
      store: on,
      vault: fixedVault(on),
      clock,
      prepare: prepared(renew),
      owner: `process-${manager.count++}`,
    });
  manager.count = 1;
  const bearer = async (tokens: TokenManager) => {
    const { token, generation } = await clock.until(tokens.bearer(KEY, SIGNAL));
    return [token.reveal(), generation];
  };
  return { clock, open, store, vault, spent, provider, manager, bearer, next };
}

export const trouble = (code: ErrorCode, facts = {}) => new LwiError(code, 'trouble', facts);
export const failing = (error: unknown): Renew => {
  return async () => {
    throw error;
  };
};
