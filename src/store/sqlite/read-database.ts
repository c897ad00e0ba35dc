import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Statement, Values } from './database.ts';
import { type Driver, openDriver } from './driver.ts';
import { storeError } from './errors.ts';
import { assertWhole, ownVersion } from './own-version.ts';

/** What is read into memory at most, bytes. */
const IN_MEMORY = 64 * 1024 * 1024;

/** A database that is read as it is. */
interface ReadDatabase {
  /** Throws errors of the driver. */
  all<Row>(sql: string, ...values: Values): Row[];
  close(): void;
}

/**
 * Opens the database at `path` to read from it in passing: nothing is made that stays, brought up to date or changed, and a statement waits `patienceMs` at
 * most. Undefined where there is no file. Throws STORE_DAMAGED, STORE_LOCKED, STORE_READONLY, STORE_TOO_NEW, STORE_UNFINISHED.
 */
export function openToRead(path: string, patienceMs: number): ReadDatabase | undefined {
  if (!existsSync(path)) return undefined;
  let driver: Driver | undefined;
  try {
    // SQLite puts its other files beside what a link leads to.
    driver = openAsItIs(realpathSync(path), patienceMs);
    driver.pragma('query_only = ON');
    driver.pragma('trusted_schema = OFF');
    if (ownVersion(driver, path) > 0) assertWhole(driver, path);
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
 * A database in WAL mode is not read without -wal and -shm (https://www.sqlite.org/wal.html#read_only_databases). Where they lie there, others have them in
 * use, or left them behind, and they stay. Where they do not, a connection that may only read would make them and leave them behind; one that may write
 * takes them away again, unless somebody has come to use them meanwhile. Where nothing can be made, the file alone is the whole database.
 */
function openAsItIs(path: string, patienceMs: number): Driver {
  const options = { fileMustExist: true, timeout: patienceMs };
  if (existsSync(`${path}-wal`)) return openDriver(path, { ...options, readonly: true });
  if (isWritable(path) && isWritable(dirname(path))) return openDriver(path, options);
  return openInMemory(path);
}

/**
 * better-sqlite3 takes no `file:…?immutable=1` (https://www.sqlite.org/uri.html), which would read page by page. Whoever writes meanwhile may tear what is read; SQLite finds most of that damaged, and what is opened here is only looked at in passing. No lock is
 * lost when the descriptor is closed (https://www.sqlite.org/howtocorrupt.html, 2.2): without a -wal nobody has the database open, this process included.
 */
function openInMemory(path: string): Driver {
  const found = statSync(path);
  // SQLite says then that it cannot.
  if (!found.isFile() || found.size > IN_MEMORY) return openDriver(path, { readonly: true });
  const bytes = readFileSync(path);
  // The versions of the format for writing and reading: 2 asks for a log, which there is none of in memory (https://www.sqlite.org/fileformat.html, 1.3.3).
  for (const at of [18, 19]) if (bytes[at] === 2) bytes[at] = 1;
  return openDriver(bytes, { readonly: true });
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
