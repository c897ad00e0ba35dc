import { existsSync } from 'node:fs';
import Driver from 'better-sqlite3';
import { systemClock } from '../../clock.ts';
import { LwiError } from '../../errors.ts';
import { storeError } from './errors.ts';
import { LATEST_VERSION, migrate } from './migrations.ts';
import { preparePrivateFile } from './private-file.ts';
import { takeViewsDown } from './record-views.ts';
import { assertSafeVersion } from './sqlite-version.ts';

/** How long a statement waits for another process that writes, ms. */
const BUSY_TIMEOUT_MS = 5000;

/** Between two tries of one that waits aside, ms. */
const ASIDE_MS = 10;

/** `lwi` and a zero byte: marks the file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x6c776900;

/** What a table file may bind: text, numbers, ciphertexts; undefined becomes NULL. */
export type Value = string | number | Uint8Array | null | undefined;

/** Values of one statement: in the order of its `?`, or one object for its `:names`. */
export type Values = readonly Value[] | readonly [Readonly<Record<string, Value>>];

/** A prepared statement; `Row` is what its columns give. */
export interface Statement<Row> {
  run(...values: Values): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  get(...values: Values): Row | undefined;
  all(...values: Values): Row[];
  /** Row by row; the database takes no other work until the loop is left. */
  iterate(...values: Values): IterableIterator<Row>;
}

/** Version of the SQLite that is built in. Throws what loading it throws. */
export function sqliteVersion(): string {
  const driver = new Driver(':memory:');
  try {
    return versionOf(driver);
  } finally {
    driver.close();
  }
}

const versionOf = (driver: Driver.Database) => String(driver.prepare('SELECT sqlite_version()').pluck().get());

/** One open database file. Work given to `read` and `write` is synchronous; errors come out as LwiError. */
export class SqliteDatabase {
  readonly path: string;
  readonly #driver: Driver.Database;
  #aside = false;
  readonly #statements = new Map<string, Driver.Statement>();

  constructor(path: string, driver: Driver.Database) {
    this.path = path;
    this.#driver = driver;
  }

  /** The prepared form of `sql`, made on first use and kept. */
  statement<Row = never>(sql: string): Statement<Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#driver.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Statement<Row>;
  }

  /** Runs `work` as it is: for single reads. */
  async read<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  /** Runs `work` in one transaction that holds the write lock from its first statement; all of it or nothing stays. */
  async write<T>(work: () => T): Promise<T> {
    return this.#locked(() => this.#driver.transaction(work).immediate());
  }

  /**
   * The same for what is of use for minutes only: it is not waited for until the disk has it, so that it may be lost with the power, never torn
   * (https://www.sqlite.org/pragma.html#pragma_synchronous).
   */
  async writeLightly<T>(work: () => T): Promise<T> {
    return this.#locked(() => {
      this.statement('PRAGMA synchronous = NORMAL').run();
      try {
        return this.#driver.transaction(work).immediate();
      } finally {
        this.statement('PRAGMA synchronous = FULL').run();
      }
    });
  }

  /**
   * From now on a write that waits for another process lets this one go on meanwhile: for commands that have others to answer. It is for as long as before, but
   * without a place in a queue.
   */
  waitAside(): void {
    this.#aside = true;
    this.#driver.pragma('busy_timeout = 0');
  }

  /** A transaction is refused at its beginning or not at all, so that it may simply be tried again. */
  async #locked<T>(work: () => T): Promise<T> {
    const end = performance.now() + BUSY_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.read(work);
      } catch (error) {
        const locked = error instanceof LwiError && error.code === 'STORE_LOCKED';
        if (!this.#aside || !locked || performance.now() >= end) throw error;
      }
      await systemClock.sleep(ASIDE_MS);
    }
  }

  /**
   * Moves the write-ahead log into the database file: as far as nobody is reading it (`PASSIVE`), or all of it, and empties it, after waiting for readers
   * (`TRUNCATE`). False when others kept it from that (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
   */
  async checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): Promise<boolean> {
    return this.read(() => this.#driver.pragma(`wal_checkpoint(${mode})`, { simple: true }) === 0);
  }

  /** Lets other work of this process have its turn between two reads, which block it: a stop would not be heard before the last of many. */
  giveWay(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    return this.read(() => {
      this.#statements.clear();
      this.#driver.close();
    });
  }
}

/**
 * Opens the database at `path`, makes it if it is not there and brings its schema up to date. Throws STORE_READONLY,
 * STORE_DAMAGED, STORE_LOCKED, STORE_FULL, STORE_TOO_NEW, STORE_UNSAFE. A statement waits `patienceMs` for another process that writes.
 */
export function openDatabase(path: string, patienceMs = BUSY_TIMEOUT_MS): SqliteDatabase {
  let driver: Driver.Database | undefined;
  try {
    preparePrivateFile(path);
    driver = new Driver(path, { timeout: patienceMs });
    configure(driver, path);
    return new SqliteDatabase(path, driver);
  } catch (error) {
    driver?.close();
    throw storeError(error, path);
  }
}

/** A database that is read as it is. */
interface ReadDatabase {
  /** Throws errors of the driver. */
  all<Row>(sql: string, ...values: Values): Row[];
  close(): void;
}

/**
 * Opens the database at `path` to read from it in passing: nothing is made, brought up to date or changed, and a statement waits `patienceMs` at most.
 * Undefined where there is no file. Throws STORE_DAMAGED, STORE_LOCKED, STORE_READONLY, STORE_TOO_NEW.
 */
export function openToRead(path: string, patienceMs: number): ReadDatabase | undefined {
  if (!existsSync(path)) return undefined;
  let driver: Driver.Database | undefined;
  try {
    driver = new Driver(path, { readonly: true, fileMustExist: true, timeout: patienceMs });
    driver.pragma('trusted_schema = OFF');
    ownVersion(driver, path);
    const opened = driver;
    return {
      all: <Row>(sql: string, ...values: Values) => (opened.prepare(sql) as unknown as Statement<Row>).all(...values),
      close: () => void opened.close(),
    };
  } catch (error) {
    driver?.close();
    throw storeError(error, path);
  }
}

/**
 * Locks the file `path`, which is made if it is not there, until the function that is returned is called or this process ends in whatever way: the
 * system lets go of it then (https://www.sqlite.org/lockingv3.html). Undefined when another process, or another place in this one, has it.
 * Throws like `openDatabase`.
 */
export function lockFile(path: string): (() => void) | undefined {
  let driver: Driver.Database | undefined;
  try {
    preparePrivateFile(path);
    driver = new Driver(path, { timeout: 0 });
    driver.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    driver?.close();
    if (error instanceof Driver.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw storeError(error, path);
  }
  const held = driver;
  return () => void held.close();
}

function configure(driver: Driver.Database, path: string): void {
  assertSafeVersion(versionOf(driver));
  driver.pragma('foreign_keys = ON');
  driver.pragma('trusted_schema = OFF');
  // Another process may be making the schema just now: version and marks must be of one moment.
  const version = driver.transaction(() => ownVersion(driver, path))();
  // Records have about a kilobyte: in larger pages a sync costs a fifth less. Only a new file takes it (https://www.sqlite.org/pragma.html#pragma_page_size).
  driver.pragma('page_size = 8192');
  useWriteAheadLog(driver, path);
  // After the journal mode, for which better-sqlite3 compiles in NORMAL: that may lose a commit when the power fails.
  driver.pragma('synchronous = FULL');
  // KiB. better-sqlite3 compiles in 16 MB, which only a large database fills; the system's own cache stands behind it.
  driver.pragma('cache_size = -4000');
  if (version < LATEST_VERSION) {
    driver
      .transaction(() => {
        const version = ownVersion(driver, path);
        const putViewsBack = takeViewsDown(driver);
        migrate(driver, version, APPLICATION_ID);
        putViewsBack();
      })
      .immediate();
  }
}

/** The schema version of a database that is ours and not newer than this program; 0 for an empty file. */
function ownVersion(driver: Driver.Database, path: string): number {
  const version = Number(driver.pragma('user_version', { simple: true }));
  const ours = driver.pragma('application_id', { simple: true }) === APPLICATION_ID;
  const empty = () => driver.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (!ours && !(version === 0 && empty())) {
    throw new LwiError('STORE_DAMAGED', `${path}: this is a database of another program`);
  }
  if (version > LATEST_VERSION) {
    throw new LwiError('STORE_TOO_NEW', `${path}: has schema ${version}, this lwi knows ${LATEST_VERSION}`);
  }
  return version;
}

/**
 * Switches to WAL. The switch needs the file for itself and SQLite does not wait for that in every case; a transaction
 * does wait, so after a refusal one is awaited before the next try.
 */
function useWriteAheadLog(driver: Driver.Database, path: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      if (driver.pragma('journal_mode = WAL', { simple: true }) === 'wal') return;
      throw new LwiError(
        'STORE_READONLY',
        `${path}: the file system has no shared memory, which several processes need`,
      );
    } catch (error) {
      const busy = error instanceof Driver.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!busy || attempt === 20) throw error;
      driver.exec('BEGIN IMMEDIATE; ROLLBACK');
    }
  }
}
