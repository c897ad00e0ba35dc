import { isLwiError, LwiError } from '../errors.ts';
import { keyChanged } from '../store/sealed-with.ts';
import type { Store } from '../store/store.ts';
import { claimedKey, freshKey, type NamedKey, named, requiredKeyId, storeKey } from './claimed-key.ts';
import { seal } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';
import { contextOf, openAt } from './vault.ts';

export interface RotationParts {
  readonly store: Pick<Store, 'shared' | 'vaultKeyId' | 'vaultKeyNotes' | 'noteVaultKey' | 'reseal'>;
  /** The place of the key in force. */
  readonly from: KeyProvider;
  /** The place of the next key: one that can be written gets a fresh key, any other gives the one that it has. */
  readonly to: KeyProvider;
  /** Whether nobody else refreshes or changes the key still; asked just before everything is sealed anew. */
  readonly held: () => Promise<boolean>;
}

export interface Rotated {
  /** `already`: the database was sealed with the given key before; nothing was changed. */
  readonly outcome: 'rotated' | 'already';
  /** Id of the key in force now. */
  readonly keyId: string;
  /** Id of the key that was in force before. */
  readonly previousKeyId?: string;
  /** How many ciphertexts were sealed anew. */
  readonly resealed: number;
  /** Whether nothing sealed with the old key is left in the files of the database; see `Resealed`. */
  readonly erased: boolean;
  /** Where something is left; see `Resealed`. */
  readonly left?: string | undefined;
  /**
   * What happened to the old key: `removed` from its place; `kept` where lwi removes nothing (environment, file); `pending`
   * when the keychain refused, so that the next rotation removes it.
   */
  readonly oldKey: 'removed' | 'kept' | 'pending';
}

/**
 * Gives the database a new key: the key is in its place before anything is sealed with it, all is sealed anew in one
 * transaction, and only then the old key is removed. A crash anywhere leaves a database that opens with a key that its place
 * holds; what the crash left over in the keychain is removed by the next rotation. The caller sees to it that nobody refreshes
 * meanwhile. Throws LEASE_BUSY when that has ended, USAGE without a key to change, KEY_WRONG (also, retryable, when another process changed the key first),
 * KEY_MISSING, KEY_INVALID, KEYCHAIN_UNAVAILABLE, VAULT_CORRUPT naming the connection; nothing is changed then.
 */
export async function rotateKey({ store, from, to, held }: RotationParts): Promise<Rotated> {
  const claimed = await requiredKeyId(store);
  const next = await nextKey(to);
  if (next.keyId === claimed) return { outcome: 'already', keyId: claimed, resealed: 0, erased: true, oldKey: 'kept' };
  const old = await claimedKey(from, claimed, store);
  await removeLeftovers(store, [from, to]);

  // Noted first: a key in the keychain that the database knows nothing of would stay there for ever.
  await store.noteVaultKey(next.keyId, 'made');
  const resealed = await sealAnew({ store, to, held }, old, next).catch(async (error: unknown) => {
    // Noted in vain, the next rotation sees to it; what went wrong must not be hidden.
    await store.noteVaultKey(next.keyId, 'abandoned').catch(() => false);
    throw error;
  });
  return {
    outcome: 'rotated',
    keyId: next.keyId,
    previousKeyId: old.keyId,
    resealed: resealed.count,
    erased: resealed.erased,
    left: resealed.left,
    oldKey: from.remove ? await removed(store, [from, to]) : await kept(store, old.keyId, to),
  };
}

async function nextKey(to: KeyProvider): Promise<NamedKey> {
  if (to.write) return freshKey();
  const key = await to.read();
  if (key === undefined) throw new LwiError('KEY_MISSING', `The ${to.describe()} has no key.`);
  return named(key);
}

async function sealAnew(parts: Omit<RotationParts, 'from'>, old: NamedKey, next: NamedKey) {
  const { store, to, held } = parts;
  if (to.write) await storeKey(to, next);
  if (!(await held())) throw new LwiError('LEASE_BUSY', 'Another process went to work on the connections meanwhile.');
  const resealed = await store.reseal(old.keyId, next.keyId, (envelope, place) =>
    seal(next.key, openAt(old, envelope, place), contextOf(place)),
  );
  if (!resealed) throw keyChanged();
  return resealed;
}

/** There is nothing to remove from the environment, now or later; but a copy of the key may be where the new one is. */
async function kept(store: RotationParts['store'], keyId: string, to: KeyProvider): Promise<'kept'> {
  if (to.remove) await removed(store, [to]);
  else await store.noteVaultKey(keyId, 'gone');
  return 'kept';
}

/** The change is done and durable; a keychain that refuses now is no failure of it. */
async function removed(store: RotationParts['store'], places: readonly KeyProvider[]): Promise<'removed' | 'pending'> {
  try {
    await removeLeftovers(store, places);
    return 'removed';
  } catch (error) {
    if (isLwiError(error, 'KEYCHAIN_UNAVAILABLE')) return 'pending';
    throw error;
  }
}

/**
 * Removes the keys that died rotations made and those that were replaced, from every place that can remove. A key that somebody
 * may still claim is barred from that first.
 */
async function removeLeftovers(store: RotationParts['store'], places: readonly KeyProvider[]): Promise<void> {
  const removers = places.filter((place, index) => place.remove && places.indexOf(place) === index);
  if (removers.length === 0) return;
  for (const { keyId, state } of await store.vaultKeyNotes()) {
    if (state === 'gone') continue;
    if (state === 'made' && !(await store.noteVaultKey(keyId, 'abandoned'))) continue;
    for (const place of removers) await place.remove?.(keyId);
    await store.noteVaultKey(keyId, 'gone');
  }
}
