import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { keyIdOf } from '../../src/vault/envelope.ts';
import { environmentKey } from '../../src/vault/environment-key.ts';
import { keyStatus } from '../../src/vault/key-status.ts';
import { type Keychain, keychainKey } from '../../src/vault/keychain-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { KEY, KEY_TEXT } from './key-provider-contract.ts';
import { memoryKeychain, standingClock } from './memory-keychain.ts';

const ID = keyIdOf(KEY);

function newStore() {
  const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), { now: () => 0 });
  onTestFinished(() => store.close());
  return store;
}

const keychainOver = (keychain: Keychain) =>
  keychainKey({ vaultId: 'v1', clock: standingClock(), load: async () => keychain });

const broken = keychainOver({
  ...memoryKeychain(),
  setPassword: async () => {
    throw new Error('Cannot create an item in a locked collection');
  },
});

test('a key in the environment that opens the database, with a keychain that does not work and is not needed', async () => {
  const store = newStore();
  await store.claimVaultKey(ID);
  await store.noteVaultKey('aaaaaaaaaaaaaaaa', 'made');
  expect(await keyStatus({ store, keyProvider: environmentKey(KEY_TEXT), keychain: broken })).toEqual({
    place: 'LWI_ENCRYPTION_KEY',
    keyId: ID,
    opens: 'yes',
    problem: undefined,
    keychain: { inUse: false, works: false, problem: expect.objectContaining({ code: 'KEYCHAIN_UNAVAILABLE' }) },
    leftover: 1,
  });
});

test('a keychain that has the key, and leaves nothing behind from being looked at', async () => {
  const items = new Map<string, string>();
  const keychain = keychainOver(memoryKeychain(items));
  const store = newStore();
  await openVault({ keyProvider: keychain, store }).seal('x', { account: 'a', provider: 'p', column: 'c', row: 'r' });
  const before = [...items];
  expect(await keyStatus({ store, keyProvider: keychain, keychain })).toEqual({
    place: 'keychain (lwi / vault-v1)',
    keyId: await store.vaultKeyId(),
    opens: 'yes',
    problem: undefined,
    keychain: { inUse: true, works: true, problem: undefined },
    leftover: 0,
  });
  expect([...items]).toEqual(before);
});

test.each([
  ['another key', environmentKey(generateKey()), 'KEY_WRONG'],
  ['no key', keychainOver(memoryKeychain()), 'KEY_MISSING'],
  ['what is no key', environmentKey('hunter2'), 'KEY_INVALID'],
  ['a keychain that is locked', broken, 'KEYCHAIN_UNAVAILABLE'],
])('a place with %s does not open it, and says why', async (_, keyProvider, code) => {
  const store = newStore();
  await store.claimVaultKey(ID);
  const status = await keyStatus({ store, keyProvider, keychain: keychainOver(memoryKeychain()) });
  expect(status).toMatchObject({ keyId: ID, opens: 'no', problem: { code } });
});

test.each([
  ['a variable', environmentKey('hunter2'), 'Give'],
  [
    'a keychain',
    keychainOver({ ...memoryKeychain(), getPassword: async () => 'hunter2' }),
    'Run `lwi key import <file>` with a backup of',
  ],
])(
  'where something is sealed, the remedy for what is no key in %s is the key that sealed it, not a new one',
  async (_, keyProvider, give) => {
    const store = newStore();
    await store.claimVaultKey(ID);
    const { problem } = await keyStatus({ store, keyProvider, keychain: keychainOver(memoryKeychain()) });
    expect([problem?.code, problem?.hint]).toEqual([
      'KEY_INVALID',
      `${give} key ${ID}, which sealed this database: 32 bytes in base64.`,
    ]);
  },
);

test('before anything is sealed there is nothing to open, and a variable is looked at all the same', async () => {
  const keychain = keychainOver(memoryKeychain());
  for (const store of [undefined, newStore()]) {
    expect(await keyStatus({ store, keyProvider: keychain, keychain })).toMatchObject({
      keyId: undefined,
      opens: 'no-key-yet',
    });
    expect(await keyStatus({ store, keyProvider: environmentKey(''), keychain })).toMatchObject({
      opens: 'no',
      problem: { code: 'KEY_INVALID' },
    });
    expect(await store?.vaultKeyId()).toBeUndefined();
  }
});
