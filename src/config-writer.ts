import { randomUUID } from 'node:crypto';
import { lstat, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CONFIG_LIMIT, type Config, loadConfig, parseProviderFile, readJsonFile } from './config.ts';
import { type ErrorCode, LwiError } from './errors.ts';
import { makePrivateDirectory } from './private-directory.ts';
import type { ProviderFile } from './providers/generic/definition.ts';
import { isNodeError } from './read-bounded.ts';

export interface AddProviderOptions {
  /** Ids that lwi brings along. */
  readonly builtIn: readonly string[];
  /** Takes the place of a provider of the same id, own or built-in. */
  readonly replace?: boolean | undefined;
}

/**
 * Checks a definition and writes it under `providers` in the config, keeping everything else. Written beside the file, synced and
 * renamed, so that the config is always the old or the new one. A config that is a link is followed, and the file it
 * names is replaced, so that configs kept elsewhere and linked stay linked; a link to nothing is refused. Throws CONFIG_INVALID,
 * USAGE when the id is taken, STORE_READONLY or STORE_FULL when it cannot be written.
 */
export async function addProvider(file: string, definition: unknown, options: AddProviderOptions): Promise<void> {
  const provider = await parseProviderFile('the definition', definition);
  const config: Config = await loadConfig(file);
  const taken = options.builtIn.includes(provider.id)
    ? 'built in'
    : ownProvider(config, provider.id) && 'in the config';
  if (taken && options.replace !== true) {
    throw new LwiError('USAGE', `there is a provider ${provider.id} already, ${taken}`, {
      hint: 'Choose another id, or run the command again with --replace.',
    });
  }
  // What was read and not what was checked, so that the order of the members stays. Where its schema is was said of the file that it came from.
  const before = ((await readJsonFile(file)) ?? {}) as Config;
  const { $schema: _, ...kept } = definition as ProviderFile;
  const after = { ...before, providers: { ...before.providers, [provider.id]: kept } };
  try {
    await replaceFile(file, `${JSON.stringify(after, null, 2)}\n`);
  } catch (cause) {
    throw cause instanceof LwiError ? cause : unwritable(file, cause);
  }
}

function ownProvider(config: Config, id: string): boolean {
  return Object.hasOwn(config.providers ?? {}, id);
}

async function replaceFile(file: string, text: string): Promise<void> {
  if (Buffer.byteLength(text) > CONFIG_LIMIT) {
    throw new LwiError('INPUT_INVALID', `${file} would be larger than ${CONFIG_LIMIT} bytes; nothing was written`);
  }
  makePrivateDirectory(dirname(file));
  const target = await linkedFile(file);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(target));
}

/** The file itself, behind any links. */
async function linkedFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!isNodeError(error, 'ENOENT')) throw error;
  }
  const directory = await realpath(dirname(file));
  const path = join(directory, basename(file));
  if (await isLink(path)) throw new LwiError('CONFIG_INVALID', `${file}: is a link to a file that is not there`);
  return path;
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
}

/** Makes the rename durable. Windows cannot open a directory and needs none of this. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isNodeError(error, 'EISDIR') && !isNodeError(error, 'EPERM') && !isNodeError(error, 'EINVAL')) throw error;
  }
}

const WRITE_ERRORS: Readonly<Record<string, ErrorCode>> = { ENOSPC: 'STORE_FULL', EDQUOT: 'STORE_FULL' };

function unwritable(file: string, cause: unknown): LwiError {
  const code = isNodeError(cause) ? cause.code : 'unknown reason';
  return new LwiError(WRITE_ERRORS[code] ?? 'STORE_READONLY', `${file}: cannot be written (${code})`, { cause });
}
