import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { LwiError } from './errors.ts';

/**
 * The bytes of a regular file of at most `limit` bytes, or undefined when there is none. Neither waits for the other end of a pipe
 * nor reads a device. Not `node:fs/promises`, which costs every start milliseconds for one small file. Throws CONFIG_INVALID when it cannot be read, is no file or is too large.
 */
export function readBounded(file: string, limit: number): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    // A file where a directory should be is the store's to complain about.
    if (isNodeError(cause, 'ENOENT') || isNodeError(cause, 'ENOTDIR')) return undefined;
    throw unreadable(file, cause);
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new LwiError('CONFIG_INVALID', `${file}: is not a regular file`);
    return readAll(descriptor, file, limit);
  } catch (cause) {
    throw cause instanceof LwiError ? cause : unreadable(file, cause);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads on past what `stat` said, because the file may grow meanwhile. */
function readAll(descriptor: number, file: string, limit: number): Uint8Array {
  const buffer = Buffer.alloc(limit + 1);
  let length = 0;
  while (length <= limit) {
    const bytesRead = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
  }
  throw new LwiError('CONFIG_INVALID', `${file}: is larger than ${limit} bytes`);
}

function unreadable(file: string, cause: unknown): LwiError {
  const reason = isNodeError(cause) ? cause.code : 'unknown reason';
  const closed = reason === 'EACCES' || reason === 'EPERM';
  const hint = `Make it readable for this user: \`chmod u+rw '${file}'\`, or \`chmod u+rwx '${dirname(file)}'\` where that lets nobody in.`;
  return new LwiError('CONFIG_INVALID', `${file}: cannot be read (${reason})`, { cause, ...(closed ? { hint } : {}) });
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
