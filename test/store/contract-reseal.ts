import { describe, expect, test } from 'vitest';
import type { SealedPlace } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { bytes, KEY, NOW, sampleConnection, sampleId, sampleToken } from './sample-rows.ts';

export const OLD = 'aaaaaaaaaaaaaaaa';
export const NEW = 'bbbbbbbbbbbbbbbb';

/** What the store takes for a ciphertext that `keyId` sealed: version, key id, and any bytes. */
export function envelope(keyId: string, text: string): Uint8Array {
  return Uint8Array.from([1, ...Buffer.from(keyId, 'hex'), ...bytes(text)]);
}

/** A token whose three ciphertexts are sealed with `keyId`. */
export function sealedToken(keyId: string, mark = '1') {
  return {
    ...sampleToken(mark),
    accessToken: envelope(keyId, `access-${mark}`),
    refreshToken: envelope(keyId, `refresh-${mark}`),
    idToken: envelope(keyId, `id-${mark}`),
  };
}

/** Id of the connection that has no refresh token. */
const BARE = sampleId(2);
const SECRET = { ...KEY, name: 'client-secret' };
const sealedSecret = (keyId: string) => ({ sealed: envelope(keyId, 'secret'), fingerprint: 'f', updatedAt: NOW });

/** A new key: which keys may be claimed, and everything sealed anew in one step. */
export function describeReseal(database: () => Promise<Opened>): void {
  /** A database sealed with OLD, with a whole connection, one without refresh and ID token, and a secret. */
  async function sealedDatabase() {
    const open = await database();
    const store = await open();
    await store.claimVaultKey(OLD);
    const { refreshToken: _, idToken: __, ...bare } = sealedToken(OLD, '2');
    const { client: ___, ...connection } = sampleConnection({ id: BARE, provider: 'slack', token: bare });
    await store.putConnection(
      sampleConnection({ client: envelope(OLD, 'client'), token: sealedToken(OLD) }),
      undefined,
    );
    await store.putConnection(connection, undefined);
    await store.putSecret(SECRET, sealedSecret(OLD));
    return { open, store };
  }

  /** Changes the key id of an envelope and nothing else. */
  const toNew = (sealed: Uint8Array) => envelope(NEW, Buffer.from(sealed.subarray(9)).toString());

  describe('a new key', () => {
    test('is taken for every ciphertext, each with its place, and nothing else changes', async () => {
      const { open, store } = await sealedDatabase();
      const before = await store.connections();
      await store.noteVaultKey(NEW, 'made');
      const places: SealedPlace[] = [];
      const resealed = await store.reseal(OLD, NEW, (sealed, place) => {
        places.push(place);
        return toNew(sealed);
      });
      expect(resealed?.count).toBe(6);
      // A store says where something is left, or that nothing is.
      expect(resealed?.left === undefined).toBe(resealed?.erased);
      const at = (column: string) => ({ ...KEY, column, row: sampleConnection().id });
      const columns = ['client_encrypted', 'access_token_encrypted', 'refresh_token_encrypted', 'id_token_encrypted'];
      expect(places).toEqual([
        ...columns.map(at),
        { account: KEY.account, provider: 'slack', column: 'access_token_encrypted', row: BARE },
        { ...KEY, column: 'secret', row: 'client-secret' },
      ]);

      const other = await open();
      const [whole, bare] = before;
      const access = envelope(NEW, 'access-2');
      expect(await other.connections()).toEqual([
        { ...whole, client: envelope(NEW, 'client'), token: sealedToken(NEW) },
        { ...bare, token: { ...bare?.token, accessToken: access } },
      ]);
      expect(await other.secret(SECRET)).toEqual(sealedSecret(NEW));
      expect(await other.vaultKeyId()).toBe(NEW);
      expect(await other.vaultKeyNotes()).toEqual([{ keyId: OLD, state: 'replaced' }]);
    });

    test('is refused when another one was claimed meanwhile, or when it was not made for this', async () => {
      const { store } = await sealedDatabase();
      const before = await store.connections();
      await store.noteVaultKey(NEW, 'made');
      expect(await store.reseal('cccccccccccccccc', NEW, toNew)).toBeUndefined();
      await store.noteVaultKey(NEW, 'abandoned');
      expect(await store.reseal(OLD, NEW, toNew)).toBeUndefined();
      expect(await store.reseal(OLD, 'cccccccccccccccc', toNew)).toBeUndefined();
      expect([await store.connections(), await store.vaultKeyId()]).toEqual([before, OLD]);
    });

    test('changes nothing when one ciphertext cannot be sealed anew', async () => {
      const { store } = await sealedDatabase();
      const before = [await store.connections(), await store.secret(SECRET)];
      await store.noteVaultKey(NEW, 'made');
      const failing = store.reseal(OLD, NEW, (sealed, { column }) => {
        if (column === 'secret') throw new Error('does not open');
        return toNew(sealed);
      });
      await expect(failing).rejects.toThrow('does not open');
      expect([await store.connections(), await store.secret(SECRET)]).toEqual(before);
      expect(await store.vaultKeyId()).toBe(OLD);
      expect(await store.vaultKeyNotes()).toEqual([{ keyId: NEW, state: 'made' }]);
    });

    test('turns away whoever comes with a ciphertext of the old one', async () => {
      const { store } = await sealedDatabase();
      await store.noteVaultKey(NEW, 'made');
      await store.reseal(OLD, NEW, toNew);
      await expect(store.putSecret(SECRET, sealedSecret(OLD))).rejects.toMatchObject({
        code: 'KEY_WRONG',
        retryable: true,
        message: 'The key of this database was changed meanwhile. Nothing was stored.',
      });
      expect(await store.secret(SECRET)).toEqual(sealedSecret(NEW));
    });
  });

  test('the state of a key leads from one to the next only, and never touches the claimed one', async () => {
    const store = await (await database())();
    await store.claimVaultKey(OLD);
    expect(await store.noteVaultKey(OLD, 'made')).toBe(false);
    expect(await store.noteVaultKey(NEW, 'abandoned')).toBe(false);
    expect(await store.noteVaultKey(NEW, 'gone')).toBe(false);
    expect(await store.noteVaultKey(NEW, 'made')).toBe(true);
    expect(await store.noteVaultKey(NEW, 'gone')).toBe(false);
    expect(await store.vaultKeyNotes()).toEqual([{ keyId: NEW, state: 'made' }]);
    expect(await store.noteVaultKey(NEW, 'abandoned')).toBe(true);
    expect(await store.noteVaultKey(NEW, 'gone')).toBe(true);
    expect(await store.noteVaultKey(NEW, 'abandoned')).toBe(false);
    expect(await store.vaultKeyNotes()).toEqual([{ keyId: NEW, state: 'gone' }]);
    expect(await store.noteVaultKey(NEW, 'made')).toBe(true);
  });
}
