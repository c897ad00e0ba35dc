import { getAsset } from 'node:sea';
import { Worker } from 'node:worker_threads';
import { addonFile } from './addon.mts';

/**
 * Takes the place of src/store/sqlite/start-accept-thread.ts in the executable: the thread runs the executable's own script, and the file of SQLite's
 * code is found for it here. Throws USAGE, STORE_READONLY and STORE_FULL.
 */
export function startAcceptThread(path: string, patienceMs: number): Worker {
  const addons = { better_sqlite3: addonFile('better_sqlite3') };
  return new Worker(getAsset('main.cjs', 'utf8'), { eval: true, workerData: { path, patienceMs, addons }, env: {} });
}
