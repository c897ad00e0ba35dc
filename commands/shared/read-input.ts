import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';

/** Largest input that is read into memory, bytes. */
const LARGEST = 32 * 1024 * 1024;

/** All bytes of a file, or of stdin for `-`. Throws INPUT_INVALID when it cannot be read or is too large. */
export async function readInput({ host, signal }: Pick<Context, 'host' | 'signal'>, file: string): Promise<Uint8Array> {
  const stream = addAbortSignal(signal, file === '-' ? host.stdin : createReadStream(file));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > LARGEST) throw new LwiError('INPUT_INVALID', `${file} is larger than ${LARGEST} bytes.`);
    }
  } catch (error) {
    if (error instanceof LwiError || signal.aborted) throw error;
    throw new LwiError('INPUT_INVALID', `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
  return Buffer.concat(chunks);
}
