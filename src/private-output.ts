import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LwiError } from './errors.ts';
import { isNodeError } from './read-bounded.ts';

/** A file that is being written. */
export interface PrivateOutput {
  write(chunk: string | Uint8Array): void;
  /** Puts the file in its place, with all that was written. */
  commit(): void;
  /** Leaves nothing behind, and what was in its place as it was. Does nothing after `commit`. */
  drop(): void;
}

/**
 * A file of mode 0600 that is written beside its place and put there at the end: it has all of its content, or is what it was before. It takes the
 * place of a regular file only; a device or a pipe (`/dev/null`) is written to as it is, and a link is left alone. Every step throws USAGE when it
 * cannot be written there, STORE_FULL.
 */
export function openPrivateOutput(path: string): PrivateOutput {
  // The file beside it could be written, and all the work be done before its place turns out to be none.
  if (path === '') throw new LwiError('USAGE', 'The name of the file is empty.', { hint: 'Name a file.' });
  const there = guarded(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (there?.isCharacterDevice() || there?.isFIFO()) return writerOn(path, path, 'w');
  if (there && !there.isFile()) {
    throw new LwiError('USAGE', `${path} is no regular file and is not overwritten.`, {
      hint: 'Name a file, or send the output there with >.',
    });
  }
  return writerOn(path, join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`), 'wx');
}

function writerOn(path: string, at: string, flag: 'w' | 'wx'): PrivateOutput {
  const descriptor = guarded(path, () => openSync(at, flag, 0o600));
  let open = true;
  const close = () => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return {
    write: (chunk) =>
      guarded(path, () => {
        let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
      }),
    commit: () =>
      guarded(path, () => {
        if (at !== path) fsyncSync(descriptor);
        close();
        if (at !== path) renameSync(at, path);
      }),
    drop() {
      close();
      if (at !== path) rmSync(at, { force: true });
    },
  };
}

function guarded<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!isNodeError(cause)) throw cause;
    const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
    const hint = full ? undefined : 'Name a file in a directory that you can write.';
    const message = `The file ${path} cannot be written (${cause.code}).`;
    throw new LwiError(full ? 'STORE_FULL' : 'USAGE', message, { hint, cause });
  }
}
