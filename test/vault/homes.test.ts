import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { keychainKey } from '../../src/vault/keychain-key.ts';
import { rotateKey } from '../../src/vault/rotate-key.ts';
import { NOW } from '../store/sample-rows.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { memoryKeychain, standingClock } from './memory-keychain.ts';
import { CONTENT, fillVault, readVault } from './vault-content.ts';

function openHome(path = join(temporaryDirectory(), 'lwi.db')): Store {
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

/** The one keychain of a person, as each database sees it. */
const keychainOf = async (items: Map<string, string>, store: Store) =>
  keychainKey({ vaultId: await store.vaultId(), clock: standingClock(), load: async () => memoryKeychain(items) });

test('homes side by side have keys of their own in one keychain, and change them without touching each other', async () => {
  const items = new Map<string, string>();
  const homes = [openHome(), openHome()];
  for (const store of homes) await fillVault(store, await keychainOf(items, store));
  const names = () =>
    Promise.all(homes.map(async (store) => `lwi / vault-${await store.vaultId()}-${await store.vaultKeyId()}`));
  expect([...items.keys()].sort()).toEqual((await names()).sort());
  expect(new Set(items.values()).size).toBe(2);

  const [first] = homes;
  if (!first) throw new Error('there is no home');
  const place = await keychainOf(items, first);
  await rotateKey({ store: first, from: place, to: place, held: async () => true });
  expect([...items.keys()].sort()).toEqual((await names()).sort());
  for (const store of homes) expect(await readVault(store, await keychainOf(items, store))).toEqual(CONTENT);
});

test('a database file copied to another home opens with the same key of the keychain', async () => {
  const items = new Map<string, string>();
  const [here, there] = [join(temporaryDirectory(), 'lwi.db'), join(temporaryDirectory(), 'lwi.db')];
  const store = openSqliteStore(here, { now: () => NOW });
  await fillVault(store, await keychainOf(items, store));
  await store.close();
  copyFileSync(here, there);
  const copy = openHome(there);
  expect(await readVault(copy, await keychainOf(items, copy))).toEqual(CONTENT);
  expect(items.size).toBe(1);
});
