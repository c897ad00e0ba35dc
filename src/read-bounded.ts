import { constants, type FileHandle, open } from 'node:fs/promises';
import { LwiError } from './errors.ts';

/**
 * The bytes of a regular file of at most `limit` bytes, or undefined when there is none. Neither waits for the other end of a pipe
 * nor reads a device. Throws CONFIG_INVALID when it cannot be read, is no file or is too large.
 */
export async function readBounded(file: string, limit: number): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    // A file where a directory should be is the store's to complain about.
    if (isNodeError(cause, 'ENOENT') || isNodeError(cause, 'ENOTDIR')) return undefined;
    throw unreadable(file, cause);
  }
  try {
    if (!(await handle.stat()).isFile()) throw new LwiError('CONFIG_INVALID', `${file}: is not a regular file`);
    return await readAll(handle, file, limit);
  } catch (cause) {
    throw cause instanceof LwiError ? cause : unreadable(file, cause);
  } finally {
    await handle.close();
  }
}

/** Reads on past what `stat` said, because the file may grow meanwhile. */
async function readAll(handle: FileHandle, file: string, limit: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(limit + 1);
  let length = 0;
  while (length <= limit) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw new LwiError('CONFIG_INVALID', `${file}: is larger than ${limit} bytes`);
}

function unreadable(file: string, cause: unknown): LwiError {
  const reason = isNodeError(cause) ? cause.code : 'unknown reason';
  return new LwiError('CONFIG_INVALID', `${file}: cannot be read (${reason})`, { cause });
}

/** Whether `error` comes from the operating system, with `code` if one is given. */
export function isNodeError(error: unknown, code?: string): error is NodeJS.ErrnoException & { code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (code === undefined || error.code === code)
  );
}
