import { write } from 'node:fs';
import type { Clock } from './clock.ts';

/** Writes to a descriptor without anybody waiting for who reads it. */
export interface BackgroundOutput {
  write(bytes: Uint8Array): void;
  /** Resolves when all of it is written: true; or `withinMs` later, with a thread still stuck in it: false. */
  flush(withinMs: number): Promise<boolean>;
}

export interface BackgroundOptions {
  readonly fd: number;
  readonly clock: Clock;
  /** What may wait to be written, bytes; beyond it, what comes is left out. */
  readonly most: number;
  /** What is written in place of the lines that were left out. */
  leftOut(lines: number): string;
  /** Told, once, that nobody reads any more. */
  gone(): void;
}

const LF = 0x0a;
/** Between two looks at a full pipe that does not block, ms. */
const FULL_PIPE_MS = 20;

/**
 * For commands that must go on whatever becomes of their output: a terminal that was stopped (Ctrl-S), a pager, a pipe that nobody empties. The writing is done by
 * a thread of Node's, so that it may block for as long as it likes.
 */
export function backgroundOutput({ fd, clock, most, leftOut, gone }: BackgroundOptions): BackgroundOutput {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let left = 0;
  let closed = false;
  let working: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0 && !closed) {
      const now = Buffer.concat(waiting);
      waiting = [];
      await writeAll(now);
      size -= now.length;
      if (left > 0 && size <= most / 2) {
        const note = Buffer.from(leftOut(left));
        left = 0;
        waiting.push(note);
        size += note.length;
      }
    }
  }

  async function writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const { code, written } = await writeSome(fd, rest);
      rest = rest.subarray(written);
      if (code === undefined) continue;
      if (code === 'EAGAIN') await clock.sleep(FULL_PIPE_MS);
      else {
        // Nobody reads, or the disk is full: the work is worth more than what is said of it.
        if (code === 'EPIPE') gone();
        closed = code === 'EPIPE' || code === 'EBADF' || code === 'EIO';
        return;
      }
    }
  }

  return {
    write(bytes) {
      if (closed) return;
      if (size + bytes.length > most) {
        left += lineFeeds(bytes);
        return;
      }
      waiting.push(bytes);
      size += bytes.length;
      working ??= drain().finally(() => {
        working = undefined;
      });
    },
    async flush(withinMs) {
      if (!working) return true;
      const late = new AbortController();
      const given = clock.sleep(withinMs, late.signal).then(
        () => false,
        () => false,
      );
      return Promise.race([working.then(() => true), given]).finally(() => late.abort());
    },
  };
}

function lineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

function writeSome(fd: number, bytes: Uint8Array): Promise<{ readonly code?: string; readonly written: number }> {
  return new Promise((resolve) => {
    write(fd, bytes, (error, written) => resolve(error ? { code: error.code ?? 'EIO', written: 0 } : { written }));
  });
}
