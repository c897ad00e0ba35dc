import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/lwi.js', import.meta.url));

/** Puts a program into a folder that is on the PATH of shells: a script of `sh`. Gives its path. */
export function writeScript(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

/** Puts the command `lwi` there, as `npm install --global` would. */
export function writeLwi(folder: string): string {
  return writeScript(folder, 'lwi', `exec '${process.execPath}' '${PROGRAM}' "$@"`);
}
