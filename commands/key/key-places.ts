import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';

/** The places of the key of one database. */
export interface KeyPlaces {
  /** Where the key is looked for: environment or keychain. */
  readonly inUse: KeyProvider;
  /** The keychain; the same object where it is in use. */
  readonly keychain: KeyProvider;
}

/** The places of the key of `store`; without one, those of a database to come. Nothing is read yet. Throws USAGE. */
export async function keyPlaces({ host, clock }: Context, store: Store | undefined): Promise<KeyPlaces> {
  const { chooseKeyProvider } = await import('../../src/vault/choose-key-provider.ts');
  const { keychainKey } = await import('../../src/vault/keychain-key.ts');
  const vaultId = store ? await store.vaultId() : 'none';
  const chosen = chooseKeyProvider({ environment: host.env, vaultId, clock, onStuck: host.leaveAtOnce });
  // The environment is never written; whatever can be written is the keychain.
  if (chosen.write) return { inUse: chosen, keychain: chosen };
  return { inUse: chosen, keychain: keychainKey({ vaultId, clock, onStuck: host.leaveAtOnce }) };
}

/** The store, for a command that needs a key that is there. Throws USAGE where there is no database. */
export async function storeWithKey(context: Context): Promise<Store> {
  const store = await context.existingStore();
  if (store) return store;
  const place = (await context.otherDatabase()) ? 'on the server' : `in ${context.paths.data}`;
  throw new LwiError('USAGE', `There is no database ${place} yet, and so no key.`, {
    hint: 'Connect first; the key is made or claimed then.',
  });
}
