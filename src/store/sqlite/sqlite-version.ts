import { LwiError } from '../../errors.ts';
import { type Driver, openDriver } from './driver.ts';

/**
 * First SQLite without the WAL-reset bug, which can lose commits when several processes write
 * (https://www.sqlite.org/wal.html, "The WAL-reset bug").
 */
const SAFE = [3, 51, 3] as const;

/** Version of the SQLite that is built in. Throws what loading it throws. */
export function sqliteVersion(): string {
  const driver = openDriver(':memory:', {});
  try {
    return versionOf(driver);
  } finally {
    driver.close();
  }
}

/** Version of the SQLite that `driver` runs. */
export function versionOf(driver: Driver): string {
  return String(driver.prepare('SELECT sqlite_version()').pluck().get());
}

/** Throws STORE_UNSAFE for an SQLite that may lose commits of several processes. `version` is what `sqlite_version()` gives. */
export function assertSafeVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, least] of SAFE.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (!(part >= least)) {
      throw new LwiError(
        'STORE_UNSAFE',
        `SQLite ${version} can lose data of parallel runs; ${SAFE.join('.')} is needed`,
      );
    }
  }
}
