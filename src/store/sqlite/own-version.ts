import { LwiError } from '../../errors.ts';
import { COPY_NOTE } from '../copy/copied-tables.ts';
import { unfinished } from '../copy/unfinished.ts';
import type { Driver } from './driver.ts';
import { LATEST_VERSION } from './migrations.ts';

/** `lwi` and a zero byte: marks the file as ours (https://www.sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x6c776900;

/** The schema version of a database that is ours and not newer than this program; 0 for an empty file. Throws STORE_DAMAGED, STORE_TOO_NEW. */
export function ownVersion(driver: Driver, path: string): number {
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

/** What a copy into this database that is not complete has left; see `CopyNote`. The schema is there. */
export function readNote(driver: Driver): string | undefined {
  return driver.prepare('SELECT value FROM meta WHERE name = ?').pluck().get(COPY_NOTE) as string | undefined;
}

/** Refuses a database that a copy was to fill and has not filled: it must not be taken for the whole. Throws STORE_UNFINISHED. */
export function assertWhole(driver: Driver, path: string): void {
  const note = readNote(driver);
  if (note !== undefined) throw unfinished(path, note);
}
