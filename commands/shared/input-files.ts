import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LwiError } from '../../src/errors.ts';
import { unreadable } from './read-input.ts';

/** A file to read. */
export interface InputFile {
  readonly name: string;
  /** On a disk, so that it can be read at once; else it is stdin (`-`), a pipe, a device, or not there. */
  readonly plain: boolean;
}

/** Of larger files so much is read at a time, bytes. */
const PIECE = 1024 * 1024;

/**
 * The file of that name, or all files under the directory of that name, in the order of their names. Names that begin with a dot are passed over, and so are
 * links to directories, which may lead in a circle. Throws INPUT_INVALID for a directory without a file: a check of nothing must not pass.
 */
export function* inputFiles(name: string): Generator<InputFile> {
  const found = name === '-' ? undefined : statSync(name, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return yield { name, plain: found?.isFile() === true };
  let any = false;
  for (const file of filesUnder(name)) {
    any = true;
    yield { name: file, plain: true };
  }
  if (!any) throw new LwiError('INPUT_INVALID', `There is no file in the directory ${name}.`);
}

function* filesUnder(directory: string): Generator<string> {
  const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.name.startsWith('.'));
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else if (entry.isFile() || (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile()))
      yield path;
  }
}

/**
 * The bytes of a plain file, piece by piece. One that is smaller than `memory` comes in it, so that many small files cost four calls of the system each and no
 * memory. Throws INPUT_INVALID when it cannot be read.
 */
export function* filePieces(file: string, memory: Uint8Array): Generator<Uint8Array> {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    let size = 0;
    while (size < memory.length) {
      // Only nothing is the end: some file systems give less than they have.
      const more = readSync(fd, memory.subarray(size));
      if (more === 0) return yield memory.subarray(0, size);
      size += more;
    }
    yield memory.slice();
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const more = readSync(fd, piece);
      if (more === 0) return;
      yield piece.subarray(0, more);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw unreadable(file, error);
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
