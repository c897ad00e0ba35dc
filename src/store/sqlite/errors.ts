import { type ErrorCode, LwiError } from '../../errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly why: string;
}

const locked: Meaning = { code: 'STORE_LOCKED', why: 'another process holds the database' };
const full: Meaning = { code: 'STORE_FULL', why: 'the disk is full or failing' };
const damaged: Meaning = { code: 'STORE_DAMAGED', why: 'the file is damaged, or no database of lwi' };
const readonly: Meaning = { code: 'STORE_READONLY', why: 'the database cannot be opened or written' };

/**
 * Primary result codes of SQLite (https://www.sqlite.org/rescode.html; better-sqlite3 gives their names, extended ones with
 * a suffix) and errno names of the file system. What is absent is a defect of lwi and passes through as it is.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_BUSY: locked,
  SQLITE_LOCKED: locked,
  SQLITE_PROTOCOL: locked,
  SQLITE_FULL: full,
  SQLITE_IOERR: full,
  SQLITE_CORRUPT: damaged,
  SQLITE_NOTADB: damaged,
  SQLITE_READONLY: readonly,
  SQLITE_CANTOPEN: readonly,
  SQLITE_PERM: readonly,
  ENOSPC: full,
  EDQUOT: full,
  EIO: full,
  EACCES: readonly,
  EPERM: readonly,
  EROFS: readonly,
  ENOTDIR: readonly,
  EISDIR: readonly,
  EEXIST: readonly,
  ENOENT: readonly,
  ELOOP: readonly,
  ENAMETOOLONG: readonly,
};

/**
 * Says what an error of SQLite or of the file system means for the person: an LwiError of the storage category that names
 * `path`. Anything else comes back unchanged.
 */
export function storeError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof LwiError) return error;
  const name = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const meaning = MEANINGS[name] ?? MEANINGS[name.split('_').slice(0, 2).join('_')];
  if (meaning === undefined) return error;
  return new LwiError(meaning.code, `${path}: ${meaning.why} (${name})`, { cause: error });
}
