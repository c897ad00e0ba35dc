import { LwiError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import { generateKey, parseKey } from './encryption-key.ts';
import { keyIdOf, open, seal } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';

/** Where a ciphertext lives. It is bound to this place: moved anywhere else it does not open. */
export interface VaultPlace {
  readonly account: string;
  readonly provider: string;
  /** Column, e.g. `access_token_encrypted`. */
  readonly column: string;
  /** Id of the row. */
  readonly row: string;
}

/** Seals what must not be read in the database. The key is fetched and checked on the first use. */
export interface Vault {
  /** For people: where the key comes from. */
  keySource(): string;
  /** Throws KEY_MISSING, KEY_INVALID, KEY_WRONG, KEYCHAIN_UNAVAILABLE. */
  seal(plaintext: string | Uint8Array, at: VaultPlace): Promise<Uint8Array>;
  /** Throws also VAULT_CORRUPT, when the ciphertext was altered or belongs to another place. */
  open(envelope: Uint8Array, at: VaultPlace): Promise<Secret>;
}

export interface VaultParts {
  readonly keyProvider: KeyProvider;
  readonly store: Pick<Store, 'vaultKeyId' | 'claimVaultKey'>;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The vault of a store. Reads nothing yet; a key that could not be had is asked for again at the next use. */
export function openVault({ keyProvider, store }: VaultParts): Vault {
  let resolved: Promise<Uint8Array> | undefined;
  const key = () => {
    resolved ??= resolveKey(keyProvider, store).catch((error: unknown) => {
      resolved = undefined;
      throw error;
    });
    return resolved;
  };
  return {
    keySource: () => keyProvider.describe(),
    seal: async (plaintext, at) => seal(await key(), plaintext, contextOf(at)),
    open: async (envelope, at) => {
      const opener = await key();
      return atPlace(at, () => new Secret(decoder.decode(open(opener, envelope, contextOf(at)))));
    },
  };
}

/** Associated data of a place. JSON, because it keeps `a` + `bc` apart from `ab` + `c` whatever the names hold. */
export function contextOf({ account, provider, column, row }: VaultPlace): string {
  return JSON.stringify([account, provider, column, row]);
}

async function resolveKey(keyProvider: KeyProvider, store: VaultParts['store']): Promise<Uint8Array> {
  const claimed = await store.vaultKeyId();
  if (claimed !== undefined) return claimedKey(keyProvider, claimed);
  const key = (await keyProvider.read()) ?? (await makeKey(keyProvider));
  const holds = await store.claimVaultKey(keyIdOf(key));
  if (holds === keyIdOf(key)) return key;
  // Another process was first: its key is the one, ours has sealed nothing.
  if (keyProvider.write) await keyProvider.remove?.(keyIdOf(key));
  return claimedKey(keyProvider, holds);
}

async function claimedKey(keyProvider: KeyProvider, keyId: string): Promise<Uint8Array> {
  const source = keyProvider.describe();
  const key = await keyProvider.read(keyId);
  if (key === undefined) {
    throw new LwiError('KEY_MISSING', `this database was sealed with key ${keyId}, and the ${source} does not have it`);
  }
  if (keyIdOf(key) !== keyId) {
    throw new LwiError(
      'KEY_WRONG',
      `this database was sealed with key ${keyId}, but ${source} gives key ${keyIdOf(key)}`,
    );
  }
  return key;
}

/** Makes a key for a database that has none yet. It is stored, and read again, before anything is sealed with it. */
async function makeKey(keyProvider: KeyProvider): Promise<Uint8Array> {
  const source = keyProvider.describe();
  if (!keyProvider.write) throw new LwiError('KEY_MISSING', `${source} has no key`);
  const key = parseKey(generateKey(), 'a fresh key');
  await keyProvider.write(key);
  const stored = await keyProvider.read(keyIdOf(key));
  if (stored === undefined || keyIdOf(stored) !== keyIdOf(key)) {
    throw new LwiError('KEYCHAIN_UNAVAILABLE', `the ${source} took a new key, but does not give it back`);
  }
  return key;
}

/** Adds to an error which connection it is about. */
function atPlace<T>(at: VaultPlace, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LwiError)) throw error;
    const { account, provider } = at;
    const message = `${at.column} of ${account}/${provider}: ${error.message}`;
    throw new LwiError(error.code, message, { ...error.facts, account, provider });
  }
}
