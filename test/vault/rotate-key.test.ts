import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { formatKey, generateKey, parseKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';
import { rotateKey } from '../../src/vault/rotate-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { KEY, NOW } from '../store/sample-rows.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { keyFolder, keysIn } from './key-folder.ts';
import { KEY as KEY_BYTES, KEY_TEXT } from './key-provider-contract.ts';
import { CONTENT, fillVault, readVault } from './vault-content.ts';

const CHILD = fileURLToPath(new URL('rotation-child.ts', import.meta.url));
const OLD_ID = keyIdOf(KEY_BYTES);
const held = async () => true;

function openStore(path: string): Store {
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

/** A database with one of everything, sealed with a key out of a folder. */
async function filled() {
  const directory = temporaryDirectory();
  const [path, folder] = [join(directory, 'lwi.db'), join(directory, 'keys')];
  const store = openStore(path);
  const place = keyFolder(folder);
  await fillVault(store, place);
  return { path, folder, store, place, rotate: () => rotateKey({ store, from: place, to: place, held }) };
}

const idOf = (text: string) => keyIdOf(parseKey(text, 'The key'));

describe('in a place that lwi writes', () => {
  test('a fresh key takes the place of the old one, which is removed; everything opens', async () => {
    const { store, place, folder, rotate } = await filled();
    const [old] = keysIn(folder);
    const rotated = await rotate();
    const [now, ...others] = keysIn(folder);
    expect(rotated).toEqual({
      outcome: 'rotated',
      keyId: now,
      previousKeyId: old,
      resealed: 5,
      erased: true,
      oldKey: 'removed',
    });
    expect([now === old, others]).toEqual([false, []]);
    expect(await readVault(store, place)).toEqual(CONTENT);
  });

  test.each(['before-write', 'after-write', 'in-transaction', 'after-commit', 'before-removal', 'after-removal'])(
    'killed at %s, the database opens with a key that is there, and the next rotation cleans up',
    async (moment) => {
      const { path, folder, store, place, rotate } = await filled();
      const child = spawn(execPath, [CHILD, path, folder, moment], { stdio: ['ignore', 'inherit', 'inherit'] });
      const signal = await new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
      expect(signal).toBe('SIGKILL');

      const claimed = (await store.vaultKeyId()) ?? '';
      expect(keysIn(folder)).toContain(claimed);
      expect(await readVault(store, place)).toEqual(CONTENT);

      expect(await rotate()).toMatchObject({ outcome: 'rotated', previousKeyId: claimed, oldKey: 'removed' });
      expect(keysIn(folder)).toEqual([await store.vaultKeyId()]);
      expect(await readVault(store, place)).toEqual(CONTENT);
      const waiting = (await store.vaultKeyNotes()).filter(({ state }) => state !== 'gone');
      expect(waiting).toEqual([]);
    },
  );

  test('an old key that cannot be removed now is removed by the next rotation, and the change stands', async () => {
    const { store, place, folder, rotate } = await filled();
    const remove = async () => {
      throw new LwiError('KEYCHAIN_UNAVAILABLE', 'It is locked.');
    };
    const stubborn = { ...place, remove };
    const rotated = await rotateKey({ store, from: stubborn, to: stubborn, held });
    expect(rotated).toMatchObject({ outcome: 'rotated', oldKey: 'pending' });
    expect(keysIn(folder)).toHaveLength(2);
    expect(await readVault(store, place)).toEqual(CONTENT);
    await rotate();
    expect(keysIn(folder)).toEqual([await store.vaultKeyId()]);
  });

  test('a place that loses the new key is found out, and nothing is changed', async () => {
    const { store, place } = await filled();
    const before = await store.vaultKeyId();
    const forgetful = { ...place, write: async () => {} };
    await expect(rotateKey({ store, from: forgetful, to: forgetful, held })).rejects.toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
    });
    expect(await store.vaultKeyId()).toBe(before);
    expect(await readVault(store, place)).toEqual(CONTENT);
  });

  test('whoever lost the right to be alone changes nothing', async () => {
    const { store, place } = await filled();
    const lost = rotateKey({ store, from: place, to: place, held: async () => false });
    await expect(lost).rejects.toMatchObject({ code: 'LEASE_BUSY' });
    expect(await readVault(store, place)).toEqual(CONTENT);
  });

  test.each<[string, 'write' | 'held', string]>([
    ['before the first has stored its key', 'write', 'KEYCHAIN_UNAVAILABLE'],
    ['before the first wants to use its key', 'held', 'KEY_WRONG'],
  ])('two at once, the second %s: the first changes nothing, and no key is lost', async (_, when, code) => {
    const { path, store, place, folder, rotate } = await filled();
    const second = () => rotateKey({ store: openStore(path), from: place, to: place, held });
    const slow: KeyProvider = {
      ...place,
      write: async (key) => {
        await place.write?.(key);
        if (when === 'write') await second();
      },
    };
    const first = rotateKey({
      ...{ store, from: slow, to: slow },
      held: async () => {
        if (when === 'held') await second();
        return true;
      },
    });
    await expect(first).rejects.toMatchObject({ code });
    expect(await readVault(store, place)).toEqual(CONTENT);
    await rotate();
    expect(keysIn(folder)).toEqual([await store.vaultKeyId()]);
    expect(await readVault(store, place)).toEqual(CONTENT);
  });

  test('a ciphertext that does not open stops it, named, with nothing changed', async () => {
    const { store, place, folder, rotate } = await filled();
    const row = await store.secret({ ...KEY, name: 'webhook-secret' });
    if (!row) throw new Error('there is no secret');
    await store.putSecret({ ...KEY, name: 'password' }, row);
    const before = await store.vaultKeyId();
    await expect(rotate()).rejects.toMatchObject({
      code: 'VAULT_CORRUPT',
      message:
        'The secret of acme/quickbooks cannot be opened. The ciphertext was altered or belongs to another place.',
      facts: { account: 'acme', provider: 'quickbooks' },
    });
    expect(await store.vaultKeyId()).toBe(before);
    expect(await readVault(store, place)).toEqual(CONTENT);
    await store.removeSecret({ ...KEY, name: 'password' });
    await rotate();
    expect(keysIn(folder)).toEqual([await store.vaultKeyId()]);
  });
});

describe('with keys from the environment', () => {
  async function fromEnvironment() {
    const directory = temporaryDirectory();
    const store = openStore(join(directory, 'lwi.db'));
    const from = environmentKey(KEY_TEXT);
    await fillVault(store, from);
    return { store, from, folder: join(directory, 'keys') };
  }

  test('the given key takes over; the same command again finds it done', async () => {
    const { store, from } = await fromEnvironment();
    const text = generateKey();
    const to = environmentKey(text, 'LWI_NEW_ENCRYPTION_KEY');
    const parts = { store, from, to, held };
    expect(await rotateKey(parts)).toEqual({
      outcome: 'rotated',
      keyId: idOf(text),
      previousKeyId: OLD_ID,
      resealed: 5,
      erased: true,
      oldKey: 'kept',
    });
    expect(await store.vaultKeyNotes()).toEqual([{ keyId: OLD_ID, state: 'gone' }]);
    expect(await rotateKey(parts)).toMatchObject({ outcome: 'already', keyId: idOf(text), resealed: 0 });
    expect(await readVault(store, to)).toEqual(CONTENT);
    await expect(readVault(store, from)).rejects.toMatchObject({ code: 'KEY_WRONG' });
  });

  test('and back to a key that was used before', async () => {
    const { store, from } = await fromEnvironment();
    const to = environmentKey(generateKey());
    await rotateKey({ store, from, to, held });
    expect(await rotateKey({ store, from: to, to: from, held })).toMatchObject({ keyId: OLD_ID });
    expect(await readVault(store, from)).toEqual(CONTENT);
  });

  test('into a place that lwi writes, and out of it', async () => {
    const { store, from, folder } = await fromEnvironment();
    const place = keyFolder(folder);
    const moved = await rotateKey({ store, from, to: place, held });
    expect(moved).toMatchObject({ previousKeyId: OLD_ID, oldKey: 'kept' });
    expect(keysIn(folder)).toEqual([moved.keyId]);
    expect(await readVault(store, place)).toEqual(CONTENT);
    const back = await rotateKey({ store, from: place, to: environmentKey(KEY_TEXT), held });
    expect(back).toMatchObject({ keyId: OLD_ID, oldKey: 'removed' });
    expect(keysIn(folder)).toEqual([]);
    expect(await readVault(store, from)).toEqual(CONTENT);
  });

  test('into a place that lwi writes, which may have the old key too (it was exported from there): only the new one stays', async () => {
    const directory = temporaryDirectory();
    const [store, folder] = [openStore(join(directory, 'lwi.db')), join(directory, 'keys')];
    const place = keyFolder(folder);
    await fillVault(store, place);
    const copy = formatKey((await place.read((await store.vaultKeyId()) ?? '')) ?? new Uint8Array());
    const { keyId } = await rotateKey({ store, from: environmentKey(copy), to: place, held });
    expect(keysIn(folder)).toEqual([keyId]);
    expect(await readVault(store, place)).toEqual(CONTENT);
  });

  test('a wrong old key is refused before anything is written', async () => {
    const { store, from } = await fromEnvironment();
    const wrong = environmentKey(formatKey(KEY_BYTES.map((byte) => byte ^ 1)));
    const rotating = rotateKey({ store, from: wrong, to: environmentKey(generateKey()), held });
    await expect(rotating).rejects.toMatchObject({ code: 'KEY_WRONG' });
    expect(await store.vaultKeyNotes()).toEqual([]);
    expect(await readVault(store, from)).toEqual(CONTENT);
  });

  test('a database without a key has none to change', async () => {
    const store = openStore(join(temporaryDirectory(), 'lwi.db'));
    const from = environmentKey(KEY_TEXT);
    const rotating = rotateKey({ store, from, to: environmentKey(generateKey()), held });
    await expect(rotating).rejects.toMatchObject({ code: 'USAGE' });
    expect(await store.vaultKeyId()).toBeUndefined();
  });
});

describe('another process that is running', () => {
  const AT = { ...KEY, column: 'secret', row: 'x' };

  test('seals with the new key, opens what was sealed with either, and is refused with what it sealed before', async () => {
    const { path, store, place, rotate } = await filled();
    const running = openStore(path);
    const vault = openVault({ keyProvider: place, store: running });
    const before = await vault.seal('before', AT);
    const row = await running.connection(KEY);
    const { keyId } = await rotate();

    await expect(
      running.putSecret({ ...KEY, name: 'x' }, { sealed: before, fingerprint: '', updatedAt: NOW }),
    ).rejects.toMatchObject({ code: 'KEY_WRONG', retryable: true });
    expect((await vault.open(before, AT)).reveal()).toBe('before');
    const after = await vault.seal('after', AT);
    expect(Buffer.from(after.subarray(1, 9)).toString('hex')).toBe(keyId);
    expect((await vault.open(after, AT)).reveal()).toBe('after');
    expect(await readVault(store, place)).toEqual(CONTENT);
    expect((await running.connection(KEY))?.generation).toBe(row?.generation);
  });

  test('that read a row before the change and opens it after, with no key yet, may repeat', async () => {
    const { path, place, rotate } = await filled();
    const running = openStore(path);
    const stale = await running.secret({ ...KEY, name: 'webhook-secret' });
    if (!stale) throw new Error('there is no secret');
    await rotate();
    const vault = openVault({ keyProvider: place, store: running });
    await expect(vault.open(stale.sealed, { ...KEY, column: 'secret', row: 'webhook-secret' })).rejects.toMatchObject({
      code: 'KEY_WRONG',
      retryable: true,
    });
  });

  test('that looks for the key while it is being taken away finds the new one', async () => {
    const { path, place, rotate } = await filled();
    let rotated = false;
    const slow: KeyProvider = {
      ...place,
      read: async (keyId) => {
        if (!rotated) await rotate();
        rotated = true;
        return place.read(keyId);
      },
    };
    const store = openStore(path);
    const sealed = await openVault({ keyProvider: slow, store }).seal('x', AT);
    expect((await openVault({ keyProvider: place, store }).open(sealed, AT)).reveal()).toBe('x');
  });
});

test('with the right key at hand, a ciphertext that names another key is damage', async () => {
  const { store, place } = await filled();
  const vault = openVault({ keyProvider: place, store });
  const at = { ...KEY, column: 'secret', row: 'x' };
  const sealed = await vault.seal('x', at);
  const forged = Uint8Array.from([1, ...Buffer.from(OLD_ID, 'hex'), ...sealed.subarray(9)]);
  await expect(vault.open(forged, at)).rejects.toMatchObject({
    code: 'VAULT_CORRUPT',
    message: `The secret of acme/quickbooks cannot be opened. The ciphertext names key ${OLD_ID}, but the key of this database is ${await store.vaultKeyId()}.`,
  });
});
