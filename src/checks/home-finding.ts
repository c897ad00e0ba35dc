import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isLwiError } from '../errors.ts';
import { nearestThere } from '../nearest-there.ts';
import { openPrivateOutput } from '../private-output.ts';
import { type Finding, fail, pass } from './check.ts';

/** What is written for the try, bytes: a block, because a full disk still takes names. */
const BLOCK = 4096;

const NEXT = 'Make the directory writable for this user, or name another one with --home or LWI_HOME.';

/**
 * Whether files can be written in `directory`, or in what there is above it where it is not there yet. Modes say little: a file system may be mounted for
 * reading only, and root may do anything elsewhere. So a file is written, and removed again.
 */
export function homeFinding(directory: string): Finding {
  const there = nearestThere(directory);
  if (!statSync(there).isDirectory()) return fail(`${there} is no directory.`, NEXT, 'STORE_READONLY');
  try {
    const output = openPrivateOutput(join(there, 'lwi-writable'));
    try {
      output.write(new Uint8Array(BLOCK));
    } finally {
      output.drop();
    }
  } catch (error) {
    if (!isLwiError(error, 'USAGE', 'STORE_FULL')) throw error;
    if (error.code === 'STORE_FULL') return fail(`The disk of ${directory} is full.`, error.hint, error.code);
    return fail(`${there} cannot be written.`, NEXT, 'STORE_READONLY');
  }
  return pass(there === directory ? `${directory} can be written` : `${directory} is not there yet, and can be made`);
}
