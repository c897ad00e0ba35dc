import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LwiError } from '../errors.ts';

/**
 * Writes a file of mode 0600 that must not be there yet; it has all of its content or none. The name is taken first, so that no
 * file of somebody else is ever replaced; a crash may leave it empty. Throws USAGE when it is there already, or cannot be made
 * there; STORE_FULL.
 */
export async function writeNewPrivateFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    throw explained(path, error);
  }
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    await rm(path, { force: true });
    throw explained(path, error);
  }
}

/** Refuses a path where something is already, before anybody is asked for anything. Throws USAGE. */
export async function assertNoFile(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there) throw taken(path);
}

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EEXIST') return taken(path);
  const code = error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'STORE_FULL' : 'USAGE';
  const hint = code === 'USAGE' ? 'Name a file in a directory that you can write.' : undefined;
  return new LwiError(code, `The file ${path} cannot be written (${error.code}).`, { hint, cause: error });
}

function taken(path: string): LwiError {
  return new LwiError('USAGE', `The file ${path} is there already, and is not overwritten.`, {
    hint: 'Name a new file, or remove that one first.',
  });
}
