import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemUptime } from '../clock.ts';
import type { Config } from '../config.ts';
import { LwiError } from '../errors.ts';
import { once } from '../once.ts';
import type { Paths } from '../paths.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** Where a run keeps things. */
export interface Storage {
  store(): Promise<Store>;
  /** The store if its file is there already; commands that only look do not make one. */
  existingStore(): Promise<Store | undefined>;
  vault(): Promise<Vault>;
}

interface StorageParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  paths(): Paths;
  config(): Promise<Config>;
  /** Called when the keychain does not answer. */
  onStuck(): void;
  /** Takes what the run must close at its end, before what was opened earlier. */
  closeFirst(close: () => Promise<void>): void;
}

/** Opens the store and the vault when they are asked for first, and once. */
export function storage({ environment, clock, paths, config, onStuck, closeFirst }: StorageParts): Storage {
  /** A database that was asked for is refused aloud, never passed over for the file. */
  const refuseOtherDatabase = async () => {
    const where = environment['LWI_DATABASE_URL']
      ? 'LWI_DATABASE_URL'
      : (await config()).database && `\`database\` in ${paths().config}`;
    if (!where) return;
    throw new LwiError('USAGE', `${where} is set, but this version keeps its data in SQLite only.`, {
      hint: `Unset ${where}.`,
    });
  };
  const store = once(async () => {
    await refuseOtherDatabase();
    const { openSqliteStore } = await import('../store/sqlite/open.ts');
    const opened = openSqliteStore(paths().data, { now: () => clock.now(), uptime: systemUptime });
    closeFirst(() => opened.close());
    return opened;
  });
  const existingStore = async () => {
    await refuseOtherDatabase();
    const home = statSync(dirname(paths().data), { throwIfNoEntry: false });
    // A home that is a file is no empty home; the store says what is wrong with it.
    return existsSync(paths().data) || home?.isDirectory() === false ? store() : undefined;
  };
  const vault = once(async () => {
    const { chooseKeyProvider } = await import('../vault/choose-key-provider.ts');
    const { openVault } = await import('../vault/vault.ts');
    const opened = await store();
    const vaultId = await opened.vaultId();
    return openVault({ keyProvider: chooseKeyProvider({ environment, vaultId, clock, onStuck }), store: opened });
  });
  return { store, existingStore, vault };
}
