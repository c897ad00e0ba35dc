import { isLwiError, type LwiError } from '../errors.ts';
import type { ConnectionRow } from '../store/store.ts';
import type { RefreshResult, RotationParts } from './rotation.ts';
import { sealToken } from './sealed-token.ts';
import type { TokenSet } from './token-set.ts';
import { usableConnection } from './usable-connection.ts';

/** How long a token that could not be stored is held in memory while the store may recover, ms, and between two tries. */
const KEEP_TRYING_MS = 30_000;
const TRY_AGAIN_MS = 500;

/**
 * Stores what the provider gave. Nobody else has this token: a store that is full or locked is tried again for a while, and the person is told. The note of
 * the rotation stays when it was in vain, so that the next run can say what happened.
 */
export async function keepToken(parts: RotationParts, row: ConnectionRow, set: TokenSet): Promise<RefreshResult> {
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
      // A try may last seconds by itself (a locked database), and the first one all of the time (one that does not answer); a clock that is set meanwhile must not
      // draw it out.
      const over = tries > KEEP_TRYING_MS / TRY_AGAIN_MS || (tries > 1 && clock.now() - began >= KEEP_TRYING_MS);
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
