import { fstatSync, writeSync } from 'node:fs';

/** File descriptor of stdout. */
const STDOUT = 1;

/**
 * Writes a short text to stdout without making the stream, which costs more than all of `--version`. Where the descriptor cannot take it at
 * once (a full non-blocking pipe) the rest goes through the stream; where nobody reads any more nothing is left to do.
 */
export function writeAtOnce(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') process.stdout.write(rest);
    else if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Columns of the terminal on stdout; 80 where there is none. */
export function terminalWidth(): number {
  return fstatSync(STDOUT).isCharacterDevice() ? (process.stdout.columns ?? 80) : 80;
}
