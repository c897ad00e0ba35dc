import { isLwiError, type LwiError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { claimedKey } from './claimed-key.ts';
import type { KeyProvider } from './key-provider.ts';

export interface KeyStatusParts {
  /** Undefined where there is no database yet. */
  readonly store: Pick<Store, 'shared' | 'vaultKeyId' | 'vaultKeyNotes'> | undefined;
  /** The place in use. */
  readonly keyProvider: KeyProvider;
  /** The keychain, in use or not. */
  readonly keychain: KeyProvider;
}

/** What is known of the key without showing it. */
export interface KeyStatus {
  /** Where the key is looked for. */
  readonly place: string;
  /** Id of the key that the database was sealed with; undefined while nothing is sealed. */
  readonly keyId: string | undefined;
  /** `no-key-yet`: there is nothing to open. */
  readonly opens: 'yes' | 'no' | 'no-key-yet';
  /** Why it does not open: KEY_MISSING, KEY_INVALID, KEY_WRONG, KEYCHAIN_UNAVAILABLE. */
  readonly problem: LwiError | undefined;
  readonly keychain: {
    readonly inUse: boolean;
    readonly works: boolean;
    readonly problem: LwiError | undefined;
  };
  /** How many keys of rotations that died, or replaced keys, wait to be removed by the next rotation. */
  readonly leftover: number;
}

/**
 * Looks whether the key that is at hand opens the database. The id of a key is a hash of it (see `keyIdOf`), so comparing ids is
 * comparing keys. Writes and makes nothing but the probe of the keychain, which leaves nothing. Throws errors of the store only.
 */
export async function keyStatus({ store, keyProvider, keychain }: KeyStatusParts): Promise<KeyStatus> {
  const keyId = await store?.vaultKeyId();
  const problem = await problemOf(async () => {
    if (store && keyId !== undefined) await claimedKey(keyProvider, keyId, store);
    // A variable can be checked before anything is sealed; a keychain has no key then.
    else await keyProvider.read();
  });
  const keychainProblem = await problemOf(async () => keychain.check?.());
  const notes = (await store?.vaultKeyNotes()) ?? [];
  return {
    place: keyProvider.describe(),
    keyId,
    opens: problem ? 'no' : keyId === undefined ? 'no-key-yet' : 'yes',
    problem,
    keychain: { inUse: keyProvider === keychain, works: keychainProblem === undefined, problem: keychainProblem },
    leftover: notes.filter(({ state }) => state !== 'gone').length,
  };
}

async function problemOf(work: () => Promise<unknown>): Promise<LwiError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isLwiError(error, 'KEY_MISSING', 'KEY_INVALID', 'KEY_WRONG', 'KEYCHAIN_UNAVAILABLE')) return error;
    throw error;
  }
}
