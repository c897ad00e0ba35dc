import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { type BackgroundOutput, backgroundOutput } from './background-output.ts';
import { systemClock } from './clock.ts';
import { LwiError } from './errors.ts';

/** The end of writing in the background. */
export interface Background {
  /** True when all is written; false, a second later, when a thread is stuck in writing it. */
  flush(): Promise<boolean>;
  /** Writes before it returns again, and waits for who reads. */
  end(): void;
}

/** stdout or stderr as far as lwi needs it. */
export interface Output {
  readonly isTTY: boolean;
  /** Width of the terminal in characters; undefined where there is none, or it does not know. */
  readonly columns: number | undefined;
  /** Nobody reads it any more: what is written goes nowhere. */
  readonly gone: boolean;
  /** Writes all of it before it returns, or later when it is `inBackground`. */
  write(chunk: string | Uint8Array): void;
  /** From now on nobody waits for who reads this. `leftOut` is said in place of lines that nobody took in time. */
  inBackground(leftOut: (lines: number) => string): Background;
  /** The stream itself, for packages that move the cursor. */
  stream(): NodeJS.WriteStream;
}

/** Bytes that may wait to be read, and how long the last of them are waited for, ms. */
const BACKGROUND = { most: 4 * 1024 * 1024, flushMs: 1000 };

/**
 * An output that works on the file descriptor and makes the stream only for a terminal: the stream of a pipe costs every start
 * more than parsing the command line does, and what is left in it is lost when the process exits. A full pipe is waited for; where nobody
 * reads any more (`lwi … | head`) what is still written goes nowhere, and that is no failure.
 */
export function outputOn(fd: 1 | 2, stream: () => NodeJS.WriteStream): Output {
  const onDevice = () => isCharacterDevice(fd);
  let gone = false;
  let background: BackgroundOutput | undefined;
  return {
    get isTTY() {
      return onDevice() && stream().isTTY === true;
    },
    get columns() {
      // A terminal that was given no size says 0 (expect, some containers).
      return onDevice() ? stream().columns || undefined : undefined;
    },
    get gone() {
      return gone;
    },
    write(chunk) {
      if (background) return background.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      if (!write(fd, typeof chunk === 'string' ? Buffer.from(chunk) : chunk)) gone = true;
    },
    inBackground(leftOut) {
      const behind = backgroundOutput({
        ...{ fd, clock: systemClock, most: BACKGROUND.most, leftOut },
        gone: () => {
          gone = true;
        },
      });
      background = behind;
      return {
        flush: () => behind.flush(BACKGROUND.flushMs),
        end: () => {
          background = undefined;
        },
      };
    },
    stream,
  };
}

/**
 * What cannot be said must not undo what is being done: notes, traces and warnings on stderr that find a full disk or a terminal that is gone are
 * dropped, because the work that they tell of may hold the only copy of a rotated token. A result that cannot be written is a failure. False when nobody
 * reads any more.
 */
function write(fd: 1 | 2, bytes: Uint8Array): boolean {
  try {
    return writeAll(fd, bytes);
  } catch (error) {
    if (fd === 2) return true;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new LwiError('STORE_FULL', `The result cannot be written: the disk is full (${code}).`, { cause: error });
  }
}

/** Between two looks at a full pipe, ms. */
const FULL_PIPE_MS = 2;

function writeAll(fd: number, bytes: Uint8Array): boolean {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
  return true;
}

/** Terminals are, pipes and files are not; `/dev/null` is one too, but no terminal. A closed descriptor is none. */
function isCharacterDevice(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev !== statSync(devNull, { throwIfNoEntry: false })?.rdev;
  } catch {
    return false;
  }
}
