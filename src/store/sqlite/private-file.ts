import { chmodSync, closeSync, openSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { makePrivateDirectory } from '../../private-directory.ts';

const PRIVATE_FILE = 0o600;
/** Access of the group and of everybody. */
const OTHERS = 0o077;
/** Access of the owner. */
const OWNER = 0o700;

/**
 * Makes sure that `path` exists as a file that is for its owner alone, in such a directory, before SQLite opens it: SQLite gives -wal and -shm
 * the mode of the database. Loose modes of an earlier database are tightened: access is taken from others, and none is given to the owner, who
 * may have made the home read-only. Throws errors of `node:fs`.
 */
export function preparePrivateFile(path: string): void {
  const directory = dirname(path);
  const created = makePrivateDirectory(directory);
  if (!created && isLoose(directory) && belongsToLwi(directory, basename(path))) tighten(directory);
  makePrivateFile(path);
}

/** The same where the directory is a matter of the person who named it: what is missing of it is made private, what is there stays as it is. */
export function makePrivateFile(path: string): void {
  makePrivateDirectory(dirname(path));
  try {
    // Exclusive: an existing database must not be opened here, because closing any descriptor of a file drops the POSIX
    // locks that SQLite holds on it in this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
    closeSync(openSync(path, 'wx', PRIVATE_FILE));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    tighten(path);
    for (const companion of [`${path}-wal`, `${path}-shm`]) tightenIfThere(companion);
  }
}

function isLoose(path: string): boolean {
  return (statSync(path).mode & OTHERS) !== 0;
}

function tighten(path: string): void {
  const { mode } = statSync(path);
  if ((mode & OTHERS) !== 0) chmodSync(path, mode & OWNER);
}

function tightenIfThere(path: string): void {
  try {
    tighten(path);
  } catch (error) {
    // Another process that closes the database removes these files.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** Whether nothing but lwi's own files is in `directory`: closing `/tmp` or a shared directory to others would do harm. */
function belongsToLwi(directory: string, database: string): boolean {
  return readdirSync(directory).every(
    (name) => name.startsWith(database) || /^(config\.json.*|cache|lwi.*)$/.test(name),
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
