import { randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LwiError } from '../errors.ts';
import type { HarEntry, LogEnd, LogHead } from './har.ts';

/** Writes a HAR file as the run goes on; nothing of it is kept in memory. */
export interface HarWriter {
  /** Once writing has failed this does nothing: the command goes on, and `finish` says it. */
  entry(entry: HarEntry): void;
  /** Completes the file and gives it its name. Throws STORE_FULL or USAGE when something could not be written; then there is no file. */
  finish(end: LogEnd): void;
}

/**
 * Opens a file beside `path`, private to this user, which takes its name when it is complete; a recording of that name is replaced only then.
 * Throws USAGE when nothing can be written there, STORE_FULL.
 */
export function openHarWriter(path: string, creator: { name: string; version: string }, head: LogHead): HarWriter {
  const there = path === '' ? undefined : lstatSync(path, { throwIfNoEntry: false });
  if (path === '' || (there && !there.isFile())) {
    throw new LwiError('USAGE', `--record takes the name of a file, not "${path}".`);
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  let descriptor: number;
  let failure: unknown;
  let separator = '';
  const write = (text: string) => {
    if (failure === undefined) {
      try {
        writeAll(descriptor, Buffer.from(text));
      } catch (error) {
        failure = error;
      }
    }
  };
  try {
    descriptor = openSync(temporary, 'wx', 0o600);
  } catch (error) {
    throw explained(path, error);
  }
  const log = { version: '1.2', creator, pages: [], _lwi: head };
  write(`{"log":${JSON.stringify(log).slice(0, -1)},"entries":[`);
  const giveUp = (error: unknown) => {
    rmSync(temporary, { force: true });
    return explained(path, error);
  };
  if (failure !== undefined) {
    closeSync(descriptor);
    throw giveUp(failure);
  }
  return {
    entry: (entry) => {
      write(`${separator}\n${JSON.stringify(entry)}`);
      separator = ',';
    },
    finish: (end) => {
      write(`\n],"_lwiEnd":${JSON.stringify(end)}}}\n`);
      try {
        closeSync(descriptor);
        if (failure === undefined) renameSync(temporary, path);
      } catch (error) {
        failure ??= error;
      }
      if (failure !== undefined) throw giveUp(failure);
    },
  };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
}

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  return new LwiError(full ? 'STORE_FULL' : 'USAGE', `The recording ${path} cannot be written (${error.code}).`, {
    hint: full ? undefined : 'Name a file in a directory that you can write.',
    cause: error,
  });
}
