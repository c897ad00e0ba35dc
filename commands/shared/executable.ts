import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LwiError } from '../../src/errors.ts';

/** Where programs are looked for when there is no PATH: what `getconf PATH` says on Linux and macOS. */
const USUAL_PATH = '/usr/bin:/bin';

/** What a system runs by itself: ELF (Linux, BSD), Mach-O in its orders and sizes, and Mach-O for several machines. */
const BINARIES = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'];

/** Longest first line of a script that is looked at, bytes; Linux itself reads 256 (execve(2)). */
const FIRST_LINE = 4096;

/**
 * The file and the argument vector that run a command, found as execvp(3) finds them: a name with a slash is a path, any other is looked up in PATH; a
 * text without `#!` is given to the shell. What could not be started is found out here, because a process that has begun to replace itself can
 * report nothing any more. Throws USAGE.
 */
export function executable(
  words: readonly [string, ...string[]],
  path: string | undefined,
): { file: string; words: string[] } {
  const [name, ...rest] = words;
  const file = name.includes('/') ? name : inPath(name, path ?? USUAL_PATH);
  if (file === undefined) throw new LwiError('USAGE', `There is no command "${name}" in PATH.`, { hint: HINT });
  const problem = problemWith(file);
  if (problem) throw new LwiError('USAGE', `"${file}" cannot be run: ${problem}.`, { hint: HINT });
  const start = beginning(file);
  if (start?.startsWith('#!')) checkInterpreter(file, start);
  const bare = start !== undefined && !start.startsWith('#!') && !isBinary(start);
  // The shell asks the system first, which may know the format, and reads the file itself if not.
  return bare
    ? { file: '/bin/sh', words: ['sh', '-c', 'exec "$@"', 'sh', file, ...rest] }
    : { file, words: [name, ...rest] };
}

const HINT = 'Give a command that exists after `--`; its own options follow it.';

/** The first file of that name in PATH that may be run, else the first that may not; an empty entry is the working directory. */
function inPath(name: string, path: string): string | undefined {
  if (name === '') return undefined;
  const files = path.split(delimiter).map((directory) => join(directory || '.', name));
  const found = files.find((file) => problemWith(file) === undefined);
  const there = found ?? files.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  // A path without a slash would be looked up again by whoever gets it.
  return there === name ? `./${name}` : there;
}

/** Why a file cannot be run; undefined when it can. */
function problemWith(file: string): string | undefined {
  try {
    if (statSync(file).isDirectory()) return 'it is a directory';
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
    return code === 'EACCES'
      ? 'it is not executable for this user, or lies on a file system without programs'
      : `${code}`;
  }
}

/** A script whose interpreter is missing ends in ENOENT, as if the script itself were. */
function checkInterpreter(file: string, start: string): void {
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1];
  const problem = interpreter === undefined ? 'it names none' : problemWith(interpreter);
  if (!problem) return;
  const shown = JSON.stringify(interpreter ?? '');
  throw new LwiError('USAGE', `"${file}" cannot be run: its interpreter ${shown}: ${problem}.`, { hint: HINT });
}

/** The first bytes of a file as Latin-1 text; undefined for one that may be run but not read. */
function beginning(file: string): string | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(FIRST_LINE);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

function isBinary(start: string): boolean {
  return BINARIES.includes(Buffer.from(start.slice(0, 4), 'latin1').toString('hex'));
}
