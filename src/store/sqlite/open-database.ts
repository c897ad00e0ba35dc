import { LwiError } from '../../errors.ts';
import { BUSY_TIMEOUT_MS, SqliteDatabase } from './database.ts';
import { type Driver, isBusy, openDriver } from './driver.ts';
import { storeError } from './errors.ts';
import { LATEST_VERSION, migrate } from './migrations.ts';
import { APPLICATION_ID, assertWhole, ownVersion } from './own-version.ts';
import { preparePrivateFile } from './private-file.ts';
import { takeViewsDown } from './record-views.ts';
import { assertSafeVersion, versionOf } from './sqlite-version.ts';

/**
 * Opens the database at `path`, makes it if it is not there and brings its schema up to date. Throws STORE_READONLY,
 * STORE_DAMAGED, STORE_LOCKED, STORE_FULL, STORE_TOO_NEW, STORE_UNFINISHED, STORE_UNSAFE. A statement waits `patienceMs` for another process that writes. `prepare` makes the file private before.
 */
export function openDatabase(
  path: string,
  patienceMs = BUSY_TIMEOUT_MS,
  prepare: (path: string) => void = preparePrivateFile,
): SqliteDatabase {
  let driver: Driver | undefined;
  try {
    prepare(path);
    driver = openDriver(path, { timeout: patienceMs });
    configure(driver, path);
    return new SqliteDatabase(path, driver);
  } catch (error) {
    driver?.close();
    throw storeError(error, path);
  }
}

function configure(driver: Driver, path: string): void {
  assertSafeVersion(versionOf(driver));
  driver.pragma('foreign_keys = ON');
  driver.pragma('trusted_schema = OFF');
  // Another process may be making the schema just now: version and marks must be of one moment.
  const version = driver.transaction(() => ownVersion(driver, path))();
  if (version > 0) assertWhole(driver, path);
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

/**
 * Switches to WAL. The switch needs the file for itself and SQLite does not wait for that in every case; a transaction
 * does wait, so after a refusal one is awaited before the next try.
 */
function useWriteAheadLog(driver: Driver, path: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      if (driver.pragma('journal_mode = WAL', { simple: true }) === 'wal') return;
      throw new LwiError(
        'STORE_READONLY',
        `${path}: the file system has no shared memory, which several processes need`,
      );
    } catch (error) {
      const busy = isBusy(error);
      if (!busy || attempt === 20) throw error;
      driver.exec('BEGIN IMMEDIATE; ROLLBACK');
    }
  }
}
