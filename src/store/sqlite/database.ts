import { systemClock } from '../../clock.ts';
import { LwiError } from '../../errors.ts';
import type { Driver, DriverStatement } from './driver.ts';
import { storeError } from './errors.ts';

/** How long a statement waits for another process that writes, ms. */
export const BUSY_TIMEOUT_MS = 5000;

/** Between two tries of one that waits aside, ms. */
const ASIDE_MS = 10;

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

/** One open database file. Work given to `read` and `write` is synchronous; errors come out as LwiError. */
export class SqliteDatabase {
  readonly path: string;
  readonly #driver: Driver;
  #aside = false;
  readonly #statements = new Map<string, DriverStatement>();

  constructor(path: string, driver: Driver) {
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
