/** Where the 32-byte key of a vault comes from. It stores a key, never credentials. */
export interface KeyProvider {
  /** For people: `keychain (lwi / vault-…)`, `LWI_ENCRYPTION_KEY`, `file /etc/lwi/key`. */
  describe(): string;
  /** The key, or undefined when this place has none. Throws KEY_INVALID, KEYCHAIN_UNAVAILABLE. */
  read(): Promise<Uint8Array | undefined>;
  /** Stores a key where the place can; absent on places that lwi does not write (environment, file). */
  write?(key: Uint8Array): Promise<void>;
}

/** AES-256: 32 bytes. */
export const KEY_BYTES = 32;
