import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import type { KeyProvider } from '../../src/vault/key-provider.ts';
import { keychainKey } from '../../src/vault/keychain-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { KEY, KEY_TEXT } from './key-provider-contract.ts';
import { memoryKeychain, standingClock } from './memory-keychain.ts';

const AT = { account: 'acme', provider: 'slack', column: 'access_token_encrypted', row: 'r1' };

function newStore() {
  const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), { now: () => 0 });
  onTestFinished(() => store.close());
  return store;
}

const keychainWith = (items: Map<string, string>) =>
  keychainKey({ vaultId: 'v1', clock: standingClock(), load: async () => memoryKeychain(items) });

test('a secret comes back as a Secret, at its place only', async () => {
  const vault = openVault({ keyProvider: environmentKey(KEY_TEXT), store: newStore() });
  const sealed = await vault.seal('xoxb-1', AT);
  const secret = await vault.open(sealed, AT);
  expect([String(secret), secret.reveal()]).toEqual(['[redacted]', 'xoxb-1']);
  for (const change of [
    { account: 'other' },
    { provider: 'quickbooks' },
    { column: 'id_token_encrypted' },
    { row: 'r2' },
  ]) {
    const there = { ...AT, ...change };
    await expect(vault.open(sealed, there)).rejects.toMatchObject({
      code: 'VAULT_CORRUPT',
      message: `The ${there.column} of ${there.account}/${there.provider} cannot be opened. The ciphertext was altered or belongs to another place.`,
      facts: { account: there.account, provider: there.provider },
    });
  }
});

test('nothing is read until the vault is used, and the key is read once', async () => {
  let reads = 0;
  const read = async () => {
    reads++;
    return KEY;
  };
  const keyProvider: KeyProvider = { ...environmentKey(KEY_TEXT), read };
  const vault = openVault({ keyProvider, store: newStore() });
  expect([vault.keySource(), reads]).toEqual(['LWI_ENCRYPTION_KEY', 0]);
  await Promise.all([vault.seal('a', AT), vault.seal('b', AT)]);
  await vault.seal('c', AT);
  expect(reads).toBe(1);
});

test('a key that could not be had is asked for again', async () => {
  let locked = true;
  const read = async () => {
    if (locked) throw new Error('locked');
    return KEY;
  };
  const vault = openVault({ keyProvider: { describe: () => 'place', read }, store: newStore() });
  await expect(vault.seal('a', AT)).rejects.toThrow('locked');
  locked = false;
  expect((await vault.open(await vault.seal('a', AT), AT)).reveal()).toBe('a');
});

test('the first key claims the database; another one is refused with both ids and nothing changed', async () => {
  const store = newStore();
  const sealed = await openVault({ keyProvider: environmentKey(KEY_TEXT), store }).seal('a', AT);
  const other = generateKey();
  const otherId = keyIdOf(Buffer.from(other, 'base64'));
  const vault = openVault({ keyProvider: environmentKey(other), store });
  const wrong = {
    code: 'KEY_WRONG',
    message: `This database was sealed with key ${keyIdOf(KEY)}, but LWI_ENCRYPTION_KEY gives key ${otherId}.`,
  };
  await expect(vault.open(sealed, AT)).rejects.toMatchObject(wrong);
  await expect(vault.seal('b', AT)).rejects.toMatchObject(wrong);
  expect(await store.vaultKeyId()).toBe(keyIdOf(KEY));
});

test('a keychain gets a fresh key for a fresh database, and gives it back to the next process', async () => {
  const items = new Map<string, string>();
  const store = newStore();
  const sealed = await openVault({ keyProvider: keychainWith(items), store }).seal('a', AT);
  expect([...items.keys()]).toEqual([`lwi / vault-v1-${await store.vaultKeyId()}`]);
  expect((await openVault({ keyProvider: keychainWith(items), store }).open(sealed, AT)).reveal()).toBe('a');
});

test('a database that lost its key is told so: no new key is made, nothing is written', async () => {
  const items = new Map<string, string>();
  const store = newStore();
  await store.claimVaultKey('0123456789abcdef');
  await expect(openVault({ keyProvider: keychainWith(items), store }).seal('a', AT)).rejects.toMatchObject({
    code: 'KEY_MISSING',
    message: 'This database was sealed with key 0123456789abcdef, and the keychain (lwi / vault-v1) does not have it.',
  });
  expect([...items]).toEqual([]);
  expect(await store.vaultKeyId()).toBe('0123456789abcdef');
});

test('a place that has no key and cannot be written is KEY_MISSING', async () => {
  const keyProvider: KeyProvider = { describe: () => 'an empty place', read: async () => undefined };
  const store = newStore();
  await expect(openVault({ keyProvider, store }).seal('a', AT)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  expect(await store.vaultKeyId()).toBeUndefined();
});

test('a keychain that loses a new key is found out before anything is sealed with it', async () => {
  const keyProvider = { ...keychainWith(new Map()), write: async () => {} };
  const store = newStore();
  await expect(openVault({ keyProvider, store }).seal('a', AT)).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' });
  expect(await store.vaultKeyId()).toBeUndefined();
});

test('two processes that make a key at the same moment end with one key, which both use', async () => {
  const items = new Map<string, string>();
  const store = newStore();
  const [one, two] = [1, 2].map(() => openVault({ keyProvider: keychainWith(items), store }));
  const sealed = await Promise.all([one?.seal('first', AT), two?.seal('second', AT)]);
  const opened = await Promise.all(sealed.map((envelope) => envelope && one?.open(envelope, AT)));
  expect(opened.map((secret) => secret?.reveal())).toEqual(['first', 'second']);
  expect([...items.keys()]).toEqual([`lwi / vault-v1-${await store.vaultKeyId()}`]);
});
