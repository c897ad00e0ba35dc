import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isLwiError, LwiError } from '../../errors.ts';
import { nearestThere } from '../../nearest-there.ts';
import { modeOpenToOthers } from '../../open-to-others.ts';
import type { CopyLook } from '../copy/copy-side.ts';
import { storeError } from './errors.ts';
import { openToRead } from './read-database.ts';

/** How long others have to be done with what is looked at, ms. */
const PATIENCE_MS = 500;

/** The same for two names of the file that is at `path`. */
export function locationOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `file ${dev} ${ino}`;
}

/** Looks at the file that is to be copied. Throws USAGE where there is none. */
export function lookAtSource(path: string): CopyLook {
  const file = reported(path, () => statSync(path, { throwIfNoEntry: false }));
  if (file?.isFile() && file.size > 0) return { place: path, location: locationOf(path) };
  const what = file?.isDirectory() ? 'is a directory' : file?.isFile() ? 'is empty' : 'is not there';
  throw new LwiError('USAGE', `${path} ${what}: there is no store to copy.`, {
    hint: `Name the database file itself, such as ~/.local/share/lwi/lwi.db, or postgres://user@host/database.`,
  });
}

/**
 * Looks at the place of a copy and changes nothing there. Throws USAGE for what is no file, or an empty one that others may read, STORE_READONLY for what cannot be
 * written, STORE_DAMAGED for a file that is no database of lwi, STORE_TOO_NEW.
 */
export function lookAtTarget(path: string, source: string | undefined): CopyLook {
  return reported(path, () => {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file === undefined) {
      const above = nearestThere(dirname(path));
      accessSync(above, constants.W_OK | constants.X_OK);
      // What is made above the file is private.
      const mode = above === dirname(path) ? modeOpenToOthers(above) : undefined;
      if (mode === undefined) return { place: path, location: undefined };
      return {
        place: path,
        location: undefined,
        warning: `${above} is open to others (mode ${mode}); the file that is made there is not`,
      };
    }
    if (!file.isFile()) {
      const hint = 'Name a file to make there, such as lwi.db in it.';
      throw new LwiError('USAGE', `${path} is ${file.isDirectory() ? 'a directory' : 'no file'}.`, { hint });
    }
    const location = locationOf(path);
    // SQLite has another log for another name of a file, and must not open it by both.
    if (location === source) return { place: path, location };
    const mode = modeOpenToOthers(path);
    if (file.size === 0 && mode !== undefined) {
      const hint = 'Name a file that is not there yet, or take the access of others away: `chmod 600`.';
      throw new LwiError('USAGE', `${path} is open to others (mode ${mode}).`, { hint });
    }
    if (file.size > 0) assertOurs(path);
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return { place: path, location };
  });
}

/** A copy that was broken off is one of lwi, too; and one that somebody has for himself is waited for later. */
function assertOurs(path: string): void {
  try {
    openToRead(path, PATIENCE_MS)?.close();
  } catch (error) {
    if (!isLwiError(error, 'STORE_UNFINISHED') && !isLwiError(error, 'STORE_LOCKED')) throw error;
  }
}

function reported<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error, path);
  }
}
