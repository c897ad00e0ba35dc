import { createReadStream, readFileSync, statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';

/** Largest input that is read into memory, bytes. */
export const LARGEST_INPUT = 32 * 1024 * 1024;

/** All bytes of a file, or of stdin for `-`. Throws INPUT_INVALID when it cannot be read or is too large. */
export async function readInput({ host, signal }: Pick<Context, 'host' | 'signal'>, file: string): Promise<Uint8Array> {
  // At once, because the streams of files cost a start milliseconds; what may make one wait (a pipe, a device) is read as a stream.
  const found = file === '-' ? undefined : statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return readFile(file, found.size);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of inputChunks({ host, signal }, file)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST_INPUT) throw tooLarge(file);
  }
  return Buffer.concat(chunks);
}

/** The same bytes as they come, however many; for stdin, pipes and devices. */
export async function* inputChunks(
  { host, signal }: Pick<Context, 'host' | 'signal'>,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of addAbortSignal(signal, file === '-' ? host.stdin : createReadStream(file))) {
      signal.throwIfAborted();
      yield Buffer.from(chunk);
    }
  } catch (error) {
    if (error instanceof LwiError || signal.aborted) throw error;
    throw unreadable(file, error);
  }
}

function readFile(file: string, size: number): Uint8Array {
  if (size > LARGEST_INPUT) throw tooLarge(file);
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function tooLarge(file: string): LwiError {
  return new LwiError('INPUT_INVALID', `${file} is larger than ${LARGEST_INPUT} bytes.`);
}

/** Says that a file cannot be opened or read. */
export function unreadable(file: string, cause: unknown): LwiError {
  return new LwiError('INPUT_INVALID', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
}
