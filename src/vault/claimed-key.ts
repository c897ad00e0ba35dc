import { isLwiError, LwiError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { generateKey, parseKey } from './encryption-key.ts';
import { keyIdOf } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';

/** A key with its id, which is safe to print. */
export interface NamedKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/**
 * The key of a database: the claimed one, read out of its place; where none is claimed yet, the one that the place has, or a
 * new one where the place can be written. Throws KEY_MISSING, KEY_INVALID, KEY_WRONG, KEYCHAIN_UNAVAILABLE.
 */
export async function resolveKey(
  keyProvider: KeyProvider,
  store: Pick<Store, 'shared' | 'vaultKeyId' | 'claimVaultKey'>,
): Promise<NamedKey> {
  const claimed = await store.vaultKeyId();
  if (claimed !== undefined) {
    return claimedKey(keyProvider, claimed, store).catch(async (error: unknown) => {
      // A rotation may have ended between the two steps, and taken this key away.
      const now = await store.vaultKeyId();
      if (now === undefined || now === claimed) throw error;
      return claimedKey(keyProvider, now, store);
    });
  }
  const own = named((await keyProvider.read()) ?? (await makeKey(keyProvider)));
  const holds = await store.claimVaultKey(own.keyId);
  if (holds === own.keyId) return own;
  // Another process was first: its key is the one, ours has sealed nothing.
  if (keyProvider.write) await keyProvider.remove?.(own.keyId);
  return claimedKey(keyProvider, holds, store);
}

/** The key with the id that a database has claimed. Throws KEY_MISSING, KEY_INVALID, KEY_WRONG, KEYCHAIN_UNAVAILABLE. */
export async function claimedKey(
  keyProvider: KeyProvider,
  keyId: string,
  { shared }: Pick<Store, 'shared'>,
): Promise<NamedKey> {
  const source = keyProvider.describe();
  const key = await keyProvider.read(keyId).catch((error: unknown) => {
    // Making a new key, the remedy elsewhere, would only lead to KEY_WRONG here.
    if (!isLwiError(error, 'KEY_INVALID') || error.facts.hint !== undefined) throw error;
    const give = keyProvider.write ? `Run \`lwi key import <file>\` with a backup of` : 'Give';
    throw error.withHint(`${give} key ${keyId}, which sealed this database: 32 bytes in base64.`);
  });
  if (key === undefined) {
    throw new LwiError(
      'KEY_MISSING',
      `This database was sealed with key ${keyId}, and the ${source} does not have it.`,
      keyProvider.write && { hint: shared ? FETCH_KEY : IMPORT_KEY },
    );
  }
  if (keyIdOf(key) !== keyId) {
    throw new LwiError(
      'KEY_WRONG',
      `This database was sealed with key ${keyId}, but ${source} gives key ${keyIdOf(key)}.`,
      shared
        ? {
            hint: 'Another machine may have changed the key: give the new one to this machine too. Nothing was changed.',
          }
        : {},
    );
  }
  return { keyId, key };
}

const OR_SET = 'or set LWI_ENCRYPTION_KEY or LWI_ENCRYPTION_KEY_FILE.';
const IMPORT_KEY = `Run \`lwi key import <file>\` with a backup of the key, ${OR_SET}`;
const FETCH_KEY = `Run \`lwi key export <file>\` on a machine that has it, such as the one that made or changed the key, and \`lwi key import <file>\` here, ${OR_SET}`;

/** Id of the key that a database has claimed. Throws USAGE when nothing is sealed in it yet. */
export async function requiredKeyId(store: Pick<Store, 'vaultKeyId'>): Promise<string> {
  const keyId = await store.vaultKeyId();
  if (keyId !== undefined) return keyId;
  throw new LwiError('USAGE', 'This database has no key yet, because nothing is sealed in it.', {
    hint: 'Connect first; the key is made or claimed then.',
  });
}

/** Stores a key in a place that can be written, and reads it again, before anything is sealed with it. Throws KEYCHAIN_UNAVAILABLE. */
export async function storeKey(keyProvider: KeyProvider, { keyId, key }: NamedKey): Promise<void> {
  await keyProvider.write?.(key);
  const stored = await keyProvider.read(keyId);
  if (stored === undefined || keyIdOf(stored) !== keyId) {
    const source = keyProvider.describe();
    throw new LwiError('KEYCHAIN_UNAVAILABLE', `The ${source} took a new key, but does not give it back.`);
  }
}

/** A fresh random key. */
export function freshKey(): NamedKey {
  return named(parseKey(generateKey(), 'a fresh key'));
}

/** A key with its id. */
export function named(key: Uint8Array): NamedKey {
  return { keyId: keyIdOf(key), key };
}

async function makeKey(keyProvider: KeyProvider): Promise<Uint8Array> {
  if (!keyProvider.write) throw new LwiError('KEY_MISSING', `The ${keyProvider.describe()} has no key.`);
  const fresh = freshKey();
  await storeKey(keyProvider, fresh);
  return fresh.key;
}
