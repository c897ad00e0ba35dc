import { platform } from 'node:os';
import { LwiError } from '../errors.ts';
import { parseKey } from './encryption-key.ts';
import type { KeyProvider } from './key-provider.ts';

/** Name of the variable that holds the key itself. */
export const KEY_VARIABLE = 'LWI_ENCRYPTION_KEY';
/** Name of the variable that holds the path of a file with the key. */
export const KEY_FILE_VARIABLE = 'LWI_ENCRYPTION_KEY_FILE';

/** Where a new key is given to `lwi key rotate`, as text or as a file. */
export const NEW_KEY_VARIABLE = 'LWI_NEW_ENCRYPTION_KEY';
export const NEW_KEY_FILE_VARIABLE = 'LWI_NEW_ENCRYPTION_KEY_FILE';

/** A key file is one line of 44 characters; more than this is another file. */
const LONGEST_FILE_BYTES = 1024;

/** The key given as text in `variable`. */
export function environmentKey(text: string, variable = KEY_VARIABLE): KeyProvider {
  return {
    describe: () => variable,
    read: async () => parseKey(text, variable),
  };
}

/**
 * The key in the file that `variable` names; one newline at its end is allowed. `read` throws KEY_MISSING when
 * it cannot be read, KEY_INVALID when it holds no key or when others than its owner have access to it.
 */
export function fileKey(path: string, variable = KEY_FILE_VARIABLE): KeyProvider {
  return {
    describe: () => `file ${path}`,
    read: async () => parseKey((await readPrivateFile(path, variable)).replace(/\r?\n$/, ''), `The key file ${path}`),
  };
}

async function readPrivateFile(path: string, variable: string): Promise<string> {
  if (path === '') throw new LwiError('KEY_MISSING', `${variable} is set, but empty.`);
  // Loaded on use: a key in a variable, the ordinary case, does not need it.
  const { constants, open } = process.getBuiltinModule('node:fs/promises');
  // Not waiting: the other end of a pipe may never come.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    throw new LwiError('KEY_MISSING', `${variable} names ${path}, which cannot be read${reason(cause)}.`, {
      cause,
    });
  });
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > LONGEST_FILE_BYTES) {
      throw new LwiError('KEY_INVALID', `The file ${path} is no key file.`);
    }
    // Windows has no such modes and reports 0666 for every file.
    if (platform() !== 'win32' && (status.mode & 0o077) !== 0) {
      const mode = (status.mode & 0o777).toString(8).padStart(4, '0');
      const hint = `Run \`chmod 600 ${path}\`.`;
      throw new LwiError('KEY_INVALID', `The key file ${path} is open to others (mode ${mode}).`, { hint });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

const reason = (cause: unknown) => (cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '');
