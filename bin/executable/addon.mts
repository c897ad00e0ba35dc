import { join } from 'node:path';
import { getAssetKeys, getRawAsset } from 'node:sea';
import { isMainThread, workerData } from 'node:worker_threads';
import { nativeAddonFile, refusedPlace } from '../../src/native-addon.ts';
import { cacheDirectory } from './cache-directory.mts';

/** The native parts of the executable; each is an asset whose key is this name, `-`, a hash of its content and `.node`. */
export type AddonName = 'better_sqlite3' | 'keytar';

/** What the packages better-sqlite3 and keytar load in the executable instead of a file of their own (bin/rolldown-exe.config.mts). */
export function loadAddon(name: AddonName): unknown {
  // A thread has an empty environment and could not find the place.
  const path = isMainThread ? addonFile(name) : workerData.addons[name];
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (error) {
    const { message } = error as Error;
    throw refusedPlace(path, message) ?? new Error(`Failed to load ${name} native addon: ${message}`);
  }
  return module.exports;
}

/** The file of a native part, checked just now. Throws USAGE, STORE_READONLY and STORE_FULL. */
export function addonFile(name: AddonName): string {
  const asset = getAssetKeys().find((key) => key.startsWith(`${name}-`) && key.endsWith('.node'));
  if (asset === undefined) throw new Error(`the executable holds no ${name}`);
  return nativeAddonFile({
    directory: join(cacheDirectory(process), 'native'),
    name: asset,
    content: new Uint8Array(getRawAsset(asset)),
    user: process.getuid?.(),
  });
}
