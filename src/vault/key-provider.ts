/**
 * Where the 32-byte key of a vault comes from. It stores a key, never credentials. A place holds one key (environment,
 * file), or several told apart by their id (keychain), so that making a key can never overwrite one that is in use.
 */
export interface KeyProvider {
  /** For people: `keychain (lwi / vault-…)`, `LWI_ENCRYPTION_KEY`, `file /etc/lwi/key`. */
  describe(): string;
  /**
   * The key with the id `keyId` (hex, see `keyIdOf`), or undefined when this place has none. A place of one key gives it
   * whatever the id; the vault compares. Throws KEY_INVALID, KEY_MISSING, KEYCHAIN_UNAVAILABLE.
   */
  read(keyId?: string): Promise<Uint8Array | undefined>;
  /** Stores a key where the place can; absent on places that lwi does not write (environment, file). */
  write?(key: Uint8Array): Promise<void>;
  /** Removes a key that `write` stored; nothing happens when it is not there. */
  remove?(keyId: string): Promise<void>;
  /** Whether the place works, without leaving anything there. Throws what `read` and `write` would. */
  check?(): Promise<void>;
}

/** AES-256: 32 bytes. */
export const KEY_BYTES = 32;
