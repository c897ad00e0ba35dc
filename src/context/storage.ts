import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, systemUptime } from '../clock.ts';
import type { Config } from '../config.ts';
import { LwiError } from '../errors.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { once } from '../once.ts';
import { modeOpenToOthers } from '../open-to-others.ts';
import type { Paths } from '../paths.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** A database that takes the place of the file. */
export interface OtherDatabase {
  /** May hold a password. */
  readonly url: string;
  /** Who asked for it, for people. */
  readonly source: string;
}

/** Where a run keeps things. */
export interface Storage {
  store(): Promise<Store>;
  /** The store if it is there already; commands that only look do not make one. */
  existingStore(): Promise<Store | undefined>;
  /** The database that takes the place of the file; undefined: none. Nothing is connected. Throws CONFIG_INVALID. */
  otherDatabase(): Promise<OtherDatabase | undefined>;
  vault(): Promise<Vault>;
  /** The jobs that the machines of this database share; undefined: it is a file, and one machine has it for itself. */
  jobs(): Promise<Jobs | undefined>;
}

interface StorageParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the run is to stop. */
  readonly signal: AbortSignal;
  readonly homedir: () => string;
  paths(): Paths;
  config(): Promise<Config>;
  warn(text: string): void;
  /** Called when the keychain does not answer. */
  onStuck(): void;
  /** Takes what the run must close at its end, before what was opened earlier. */
  closeFirst(close: () => Promise<void>): void;
}

/** Opens the store and the vault when they are asked for first, and once. */
export function storage(parts: StorageParts): Storage {
  const { environment, clock, paths, signal, warn, onStuck, closeFirst } = parts;
  const otherDatabase = once(() => chosenDatabase(parts));
  const closedLater = <S extends Store | undefined>(opened: S): S => {
    if (opened) closeFirst(() => opened.close());
    return opened;
  };
  const postgres = openedOnce(async (make) => {
    const { openPostgresStore, existingPostgresStore } = await import('../store/postgres/open.ts');
    const { url, source } = (await otherDatabase()) as OtherDatabase;
    const open = make ? openPostgresStore : existingPostgresStore;
    return closedLater(await open(url, source, { now: () => clock.now(), around: parts, ...{ signal, warn } }));
  });
  const file = once(async () => {
    const { openSqliteStore } = await import('../store/sqlite/open.ts');
    return closedLater(openSqliteStore(paths().data, { now: () => clock.now(), uptime: systemUptime }));
  });
  const store = async () => ((await otherDatabase()) ? ((await postgres(true)) as Store) : file());
  const existingStore = async () => {
    if (await otherDatabase()) return postgres(false);
    const home = statSync(dirname(paths().data), { throwIfNoEntry: false });
    // A home that is a file is no empty home; the store says what is wrong with it.
    return existsSync(paths().data) || home?.isDirectory() === false ? file() : undefined;
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
    const opened = await openJobs(other.url, other.source, parts);
    closeFirst(() => opened.close());
    return opened;
  });
  return { store, existingStore, otherDatabase, vault, jobs };
}

/** One store for all who ask; those who only look get none until somebody has made it. */
function openedOnce(open: (make: boolean) => Promise<Store | undefined>) {
  let opening: Promise<Store | undefined> = Promise.resolve(undefined);
  return (make: boolean) => {
    opening = opening.then((found) => found ?? open(make));
    return opening;
  };
}

async function chosenDatabase({ environment, config, paths }: StorageParts): Promise<OtherDatabase | undefined> {
  const url = environment['LWI_DATABASE_URL'];
  if (url) return { url, source: 'LWI_DATABASE_URL' };
  if (url === '') {
    const hint = 'Unset it to use the database in the data directory.';
    throw new LwiError('USAGE', 'LWI_DATABASE_URL is set, but empty.', { hint });
  }
  const { database } = await config();
  if (database === undefined) return undefined;
  const file = paths().config;
  const mode = hasPassword(database) ? modeOpenToOthers(file) : undefined;
  if (mode === undefined) return { url: database, source: `\`database\` in ${file}` };
  throw new LwiError(
    'CONFIG_INVALID',
    `${file}: holds the password of the database, and others than its owner have access to it (mode ${mode}).`,
    { hint: `Run \`chmod 600 ${file}\`.` },
  );
}

const hasPassword = (url: string) => URL.canParse(url) && new URL(url).password !== '';
