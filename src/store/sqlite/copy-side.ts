import { existsSync, statSync } from 'node:fs';
import { LwiError } from '../../errors.ts';
import { COPY_NOTE } from '../copy/copied-tables.ts';
import { type CopySide, type CopyTarget, parseNote } from '../copy/copy-side.ts';
import { copyRows } from './copy-rows.ts';
import { type Driver, openDriver } from './driver.ts';
import { storeError } from './errors.ts';
import { LATEST_VERSION } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { assertWhole, ownVersion, readNote } from './own-version.ts';
import { preparePrivateFile } from './private-file.ts';
import { assertSafeVersion, versionOf } from './sqlite-version.ts';

/** How long others have to be done with the file, ms. */
const PATIENCE_MS = 2000;

/**
 * The store in the file `path`, for this process alone. Throws USAGE where there is no file, STORE_LOCKED while any other process has it open,
 * STORE_OUTDATED, STORE_UNFINISHED, and what opening a store throws.
 */
export function openSqliteSource(path: string): CopySide {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile() || file.size === 0) {
    const what = file?.isDirectory() ? 'is a directory' : file?.isFile() ? 'is empty' : 'is not there';
    throw new LwiError('USAGE', `${path} ${what}: there is no store to copy.`, {
      hint: `Name the database file itself, such as ~/.local/share/lwi/lwi.db, or postgres://user@host/database.`,
    });
  }
  return opened(path, (driver) => {
    const version = ownVersion(driver, path);
    if (version < LATEST_VERSION) {
      throw new LwiError('STORE_OUTDATED', `${path}: has schema ${version}, this lwi needs ${LATEST_VERSION}`, {
        hint: 'Run `lwi status` once with the home of this file, which brings it up to date.',
      });
    }
    assertWhole(driver, path);
    return sideOn(driver, path);
  });
}

/** The file to copy into, which is made, private, if it is not there; for this process alone. Throws what opening a store throws. */
export function openSqliteTarget(path: string): CopyTarget {
  if (!isCurrent(path)) void openDatabase(path, PATIENCE_MS).close();
  return opened(path, (driver) => {
    driver.pragma('foreign_keys = ON');
    driver.pragma('synchronous = FULL');
    const rows = copyRows(driver);
    const whole = (work: () => void) => reported(path, () => driver.transaction(work).immediate());
    return {
      ...sideOn(driver, path),
      begin: async (note) => whole(() => void driver.prepare(PUT_NOTE).run(COPY_NOTE, JSON.stringify(note))),
      change: async (table, change) => whole(() => rows.change(table, change)),
      finish: async (numbers) =>
        whole(() => {
          for (const [{ name }, last] of numbers) goOnBehind(driver, name, last);
          driver.prepare(REMOVE_NOTE).run(COPY_NOTE);
        }),
    };
  });
}

const PUT_NOTE = 'INSERT INTO meta (name, value) VALUES (?, ?)';
const REMOVE_NOTE = 'DELETE FROM meta WHERE name = ?';

/** Whether there is a database with the present schema, so that it is not opened as every command opens it, which refuses an unfinished copy. */
function isCurrent(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    preparePrivateFile(path);
    const driver = openDriver(path, { timeout: PATIENCE_MS });
    try {
      return ownVersion(driver, path) === LATEST_VERSION;
    } finally {
      driver.close();
    }
  } catch (error) {
    throw storeError(error, path);
  }
}

/**
 * SQLite lets a process that asks for it before it reads have the whole file for itself, until it closes it or ends
 * (https://www.sqlite.org/pragma.html#pragma_locking_mode, https://www.sqlite.org/wal.html#noshm): nobody has it open then, and nobody comes in.
 */
function opened<T>(path: string, work: (driver: Driver) => T): T {
  let driver: Driver | undefined;
  try {
    driver = openDriver(path, { timeout: PATIENCE_MS, fileMustExist: true });
    assertSafeVersion(versionOf(driver));
    driver.pragma('locking_mode = EXCLUSIVE');
    driver.pragma('trusted_schema = OFF');
    driver.exec('BEGIN EXCLUSIVE; COMMIT');
    return work(driver);
  } catch (error) {
    driver?.close();
    const known = storeError(error, path);
    if (!(known instanceof LwiError) || known.code !== 'STORE_LOCKED') throw known;
    throw new LwiError('STORE_LOCKED', `${path}: another process has the database open`, {
      hint: 'Stop every `lwi` that uses it (serve, listen, sync --watch), then run the command again.',
      cause: error,
    });
  }
}

function sideOn(driver: Driver, path: string): CopySide {
  const rows = copyRows(driver);
  const { dev, ino } = statSync(path, { bigint: true });
  const vaultId = String(driver.prepare("SELECT value FROM meta WHERE name = 'vault_id'").pluck().get());
  const note = readNote(driver);
  const turn = async <T>(work: () => T) => {
    // A stop is heard between two pages: this work blocks the process.
    await new Promise((resolve) => setImmediate(resolve));
    return reported(path, work);
  };
  return {
    place: path,
    identity: { vaultId, location: `file ${dev} ${ino}` },
    note: note === undefined ? undefined : parseNote(note),
    count: (table) => turn(() => rows.count(table)),
    page: (table, after) => turn(() => rows.page(table, after)),
    find: (table, wanted) => turn(() => rows.find(table, wanted)),
    lastNumber: (table) =>
      turn(() => Number(driver.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(table.name) ?? 0)),
    close: async () => reported(path, () => void driver.close()),
  };
}

/** See https://www.sqlite.org/autoinc.html: the table of numbers may be written like any other. */
function goOnBehind(driver: Driver, table: string, last: number): void {
  const { changes } = driver.prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?').run(last, table);
  if (changes === 0) driver.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, last);
}

function reported<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, path);
  }
}
