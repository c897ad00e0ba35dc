import { createReadStream, readFileSync, statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';

/** Largest input that is read into memory, bytes. */
const LARGEST = 32 * 1024 * 1024;

/** All bytes of a file, or of stdin for `-`. Throws INPUT_INVALID when it cannot be read or is too large. */
export async function readInput({ host, signal }: Pick<Context, 'host' | 'signal'>, file: string): Promise<Uint8Array> {
  // At once, because the streams of files cost a start milliseconds; what may make one wait (a pipe, a device) is read as a stream.
  const found = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return readFile(file, found.size);
  const stream = addAbortSignal(signal, file === '-' ? host.stdin : createReadStream(file));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > LARGEST) throw tooLarge(file);
    }
  } catch (error) {
    if (error instanceof LwiError || signal.aborted) throw error;
    throw unreadable(file, error);
  }
  return Buffer.concat(chunks);
}

function readFile(file: string, size: number): Uint8Array {
  if (size > LARGEST) throw tooLarge(file);
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function tooLarge(file: string): LwiError {
  return new LwiError('INPUT_INVALID', `${file} is larger than ${LARGEST} bytes.`);
}

function unreadable(file: string, cause: unknown): LwiError {
  return new LwiError('INPUT_INVALID', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
}
