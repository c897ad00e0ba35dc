import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemUptime } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Jobs } from '../jobs/jobs.ts';
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
  /** The jobs that the machines of this database share; undefined: it is a file, and one machine has it for itself. */
  jobs(): Promise<Jobs | undefined>;
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
  /** The database that takes the place of the file, and who asked for it. */
  const otherDatabase = async () => {
    const url = environment['LWI_DATABASE_URL'];
    if (url) return { url, source: 'LWI_DATABASE_URL' };
    const { database } = await config();
    return database ? { url: database, source: `\`database\` in ${paths().config}` } : undefined;
  };
  const store = once(async () => {
    const other = await otherDatabase();
    const opened = other
      ? await (await import('../store/postgres/open.ts')).openPostgresStore(other.url, other.source, {
          now: () => clock.now(),
        })
      : (await import('../store/sqlite/open.ts')).openSqliteStore(paths().data, {
          now: () => clock.now(),
          uptime: systemUptime,
        });
    closeFirst(() => opened.close());
    return opened;
  });
  const existingStore = async () => {
    if (await otherDatabase()) return store();
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
  const jobs = once(async () => {
    const other = await otherDatabase();
    if (!other) return undefined;
    // It makes the tables where there are none.
    await store();
    const { openJobs } = await import('../jobs/pg-boss/open.ts');
    const opened = await openJobs(other.url, other.source);
    closeFirst(() => opened.close());
    return opened;
  });
  return { store, existingStore, vault, jobs };
}
