import { existsSync } from 'node:fs';
import { systemClock } from '../../clock.ts';
import { isLwiError, LwiError } from '../../errors.ts';
import { COPY_NOTE } from '../copy/copied-tables.ts';
import { type CopySide, type CopyTarget, type CopyWay, type OnWait, parseNote } from '../copy/copy-side.ts';
import { locationOf, lookAtSource, lookAtTarget } from './copy-looks.ts';
import { copyRows } from './copy-rows.ts';
import { type Driver, openDriver } from './driver.ts';
import { storeError } from './errors.ts';
import { LATEST_VERSION } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { assertWhole, ownVersion, readNote } from './own-version.ts';
import { makePrivateFile } from './private-file.ts';
import { assertSafeVersion, versionOf } from './sqlite-version.ts';

/** How long others have to be done with the file, ms. */
const PATIENCE_MS = 2000;
/** How long one try takes, and how long after it the next one comes, ms: no more, so that a stop is heard meanwhile. */
const TRY_MS = 50;

/** A file as a side of a copy. */
export function sqliteSide(path: string, onWait: OnWait): CopyWay {
  return {
    lookAtSource: async () => lookAtSource(path),
    lookAtTarget: async (from) => lookAtTarget(path, from),
    source: () => openSource(path, onWait),
    target: () => openTarget(path, onWait),
  };
}

/**
 * The store in the file `path`, for this process alone. Throws STORE_LOCKED while any other process has it open,
 * STORE_OUTDATED, STORE_UNFINISHED, and what opening a store throws.
 */
function openSource(path: string, onWait: OnWait): Promise<CopySide> {
  return opened(path, onWait, (driver) => {
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
async function openTarget(path: string, onWait: OnWait): Promise<CopyTarget> {
  if (!isCurrent(path)) await openDatabase(path, PATIENCE_MS, makePrivateFile).close();
  return opened(path, onWait, (driver) => {
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
    makePrivateFile(path);
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
async function opened<T>(path: string, onWait: OnWait, work: (driver: Driver) => T): Promise<T> {
  for (let waited = 0; ; waited += 2 * TRY_MS) {
    try {
      return openedNow(path, work);
    } catch (error) {
      if (!isLwiError(error, 'STORE_LOCKED') || waited >= PATIENCE_MS) throw error;
      onWait(path);
      await systemClock.sleep(TRY_MS);
    }
  }
}

function openedNow<T>(path: string, work: (driver: Driver) => T): T {
  let driver: Driver | undefined;
  try {
    driver = openDriver(path, { timeout: TRY_MS, fileMustExist: true });
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
  const vaultId = String(driver.prepare("SELECT value FROM meta WHERE name = 'vault_id'").pluck().get());
  const note = readNote(driver);
  const turn = async <T>(work: () => T) => {
    // A stop is heard between two pages: this work blocks the process.
    await new Promise((resolve) => setImmediate(resolve));
    return reported(path, work);
  };
  return {
    place: path,
    identity: { vaultId, location: locationOf(path) },
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
