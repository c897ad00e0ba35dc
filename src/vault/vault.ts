import { accountOption, LwiError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { envelopeKeyId, keyChanged } from '../store/sealed-with.ts';
import type { SealedPlace, Store } from '../store/store.ts';
import { type NamedKey, resolveKey } from './claimed-key.ts';
import { open, seal } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';

/** Where a ciphertext lives. It is bound to this place: moved anywhere else it does not open. */
export type VaultPlace = SealedPlace;

/** Seals what must not be read in the database. The key is fetched and checked on the first use, and again after it was changed. */
export interface Vault {
  /** For people: where the key comes from. */
  keySource(): string;
  /** Fetches the key and compares it with the database's, so that trouble with it is found out before anything else is done. Throws as `seal`. */
  ready(): Promise<void>;
  /** Seals with the key that the database claims now. Throws KEY_MISSING, KEY_INVALID, KEY_WRONG, KEYCHAIN_UNAVAILABLE. */
  seal(plaintext: string | Uint8Array, at: VaultPlace): Promise<Uint8Array>;
  /**
   * Throws also VAULT_CORRUPT, when the ciphertext was altered, belongs to another place or names a key that the database never
   * had; KEY_WRONG with `retryable` when it was read before the key was changed.
   */
  open(envelope: Uint8Array, at: VaultPlace): Promise<Secret>;
}

export interface VaultParts {
  readonly keyProvider: KeyProvider;
  readonly store: Pick<Store, 'shared' | 'vaultKeyId' | 'claimVaultKey' | 'vaultKeyNotes'>;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The vault of a store. Reads nothing yet; a key that could not be had is asked for again at the next use. */
export function openVault({ keyProvider, store }: VaultParts): Vault {
  let resolved: Promise<NamedKey> | undefined;
  const held = () => {
    const pending = resolved ?? resolveKey(keyProvider, store);
    if (pending !== resolved) {
      resolved = pending;
      pending.catch(() => {
        if (resolved === pending) resolved = undefined;
      });
    }
    return pending;
  };
  /** The key that the database claims now: another process may have changed it. */
  const current = async () => {
    const claimed = await store.vaultKeyId();
    const pending = held();
    const known = await pending;
    if (claimed === undefined || known.keyId === claimed) return known;
    if (resolved === pending) resolved = undefined;
    return held();
  };

  return {
    keySource: () => keyProvider.describe(),
    ready: async () => void (await current()),
    seal: async (plaintext, at) => seal((await current()).key, plaintext, contextOf(at)),
    open: async (envelope, at) => {
      const known = await held();
      const sealedBy = envelopeKeyId(envelope);
      const key = sealedBy === undefined || sealedBy === known.keyId ? known : await current();
      // Read before a rotation, opened after it: a stale copy and no damage.
      if (sealedBy !== undefined && sealedBy !== key.keyId && (await wasReplaced(store, sealedBy))) throw keyChanged();
      return new Secret(decoder.decode(openAt(key, envelope, at)));
    },
  };
}

async function wasReplaced(store: Pick<Store, 'vaultKeyNotes'>, keyId: string): Promise<boolean> {
  const notes = await store.vaultKeyNotes();
  return notes.some((note) => note.keyId === keyId && (note.state === 'replaced' || note.state === 'gone'));
}

/** Associated data of a place. JSON, because it keeps `a` + `bc` apart from `ab` + `c` whatever the names hold. */
export function contextOf({ account, provider, column, row }: VaultPlace): string {
  return JSON.stringify([account, provider, column, row]);
}

/**
 * Opens a ciphertext with the key that its database has claimed. Throws VAULT_CORRUPT, also when the ciphertext names another
 * key: with the right key at hand that is damage. The message and the facts say which connection it is about.
 */
export function openAt({ key, keyId }: NamedKey, envelope: Uint8Array, at: VaultPlace): Uint8Array {
  try {
    return open(key, envelope, contextOf(at));
  } catch (error) {
    if (!(error instanceof LwiError)) throw error;
    const { account, provider } = at;
    const problem =
      error.code === 'KEY_WRONG'
        ? `The ciphertext names key ${envelopeKeyId(envelope)}, but the key of this database is ${keyId}.`
        : error.message;
    throw new LwiError('VAULT_CORRUPT', `The ${at.column} of ${account}/${provider} cannot be opened. ${problem}`, {
      ...error.facts,
      account,
      provider,
      // A secret that was given by hand comes back by no connecting.
      ...(at.column === 'secret' && {
        hint: `Restore the database from a backup, or run \`lwi secret set ${provider} ${at.row}${accountOption(account)}\`.`,
      }),
    });
  }
}
