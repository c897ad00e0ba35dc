import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LwiError } from './errors.ts';
import { makePrivateDirectory } from './private-directory.ts';

/** Access of the group and of everybody. */
const OTHERS = 0o077;

interface NativeAddon {
  /** Directory of lwi alone; made with mode 0700 when it is not there. */
  readonly directory: string;
  /** Name of the file; it says what is in it, so that two versions of lwi do not take turns. */
  readonly name: string;
  readonly content: Uint8Array;
  /** User of this process; undefined where files have no owner (Windows). */
  readonly user: number | undefined;
}

/**
 * Path of a file that holds exactly `content`, for `dlopen`, which takes nothing but files. It is compared each time, byte for byte, and written anew when it is
 * not there or differs, so that what somebody else put there is never loaded; for the same reason the directory must belong to this user alone. Throws
 * STORE_READONLY and STORE_FULL.
 */
export function nativeAddonFile({ directory, name, content, user }: NativeAddon): string {
  const path = join(directory, name);
  try {
    makePrivateDirectory(directory);
    assertOwn(directory, user);
    if (!holds(path, content)) replace(path, content);
    return path;
  } catch (error) {
    if (error instanceof LwiError) throw error;
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new LwiError(
      full ? 'STORE_FULL' : 'STORE_READONLY',
      `${path}: the executable cannot keep its native code there (${code}).`,
      { cause: error, ...(full ? {} : { hint: ELSEWHERE }) },
    );
  }
}

/** What `dlopen` said about the file, for the person; undefined when it is not the place of the file that is at fault. */
export function refusedPlace(path: string, said: string): LwiError | undefined {
  // glibc and musl on a file system that is mounted with noexec; SELinux and AppArmor say the same.
  if (!/failed to map segment|Operation not permitted|Permission denied/i.test(said)) return undefined;
  return new LwiError('STORE_READONLY', `${path}: the system runs no code from there.`, { hint: ELSEWHERE });
}

const ELSEWHERE =
  'Name a directory of your own, on a file system that programs may run from, with `--home <dir>`, LWI_HOME or (on Linux) XDG_CACHE_HOME.';

function assertOwn(directory: string, user: number | undefined): void {
  if (user === undefined) return;
  const { uid, mode } = lstatSync(directory);
  if (uid === user && (mode & OTHERS) === 0) return;
  const why = uid === user ? 'is open to others' : 'belongs to another user';
  throw new LwiError('STORE_READONLY', `${directory}: it ${why}, so no native code is loaded from it.`, {
    hint: 'Delete the directory, and run the command again as the user that owns its home.',
  });
}

function holds(path: string, content: Uint8Array): boolean {
  const file = lstatSync(path, { throwIfNoEntry: false });
  return file?.isFile() === true && file.size === content.length && readFileSync(path).equals(content);
}

/** Whole or not at all: another process may be loading it, or writing the same. */
function replace(path: string, content: Uint8Array): void {
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(draft, content, { flag: 'wx', mode: 0o700 });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
