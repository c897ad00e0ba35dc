import type { Worker } from 'node:worker_threads';

/** The thread's file is beside this one, as source and in the bundle. */
const FILE = new URL(`accept-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'cjs'}`, import.meta.url);

/**
 * Starts the thread of accept-thread.ts for the database at `path`; a batch there waits `patienceMs` for another process that writes. The executable
 * (bin/executable) has no files and puts a module of its own in the place of this one.
 */
export function startAcceptThread(path: string, patienceMs: number): Worker {
  // Loaded here, since every command loads this file and few receive.
  const { Worker: Thread } = process.getBuiltinModule('node:worker_threads');
  // It needs nothing of the environment, where secrets are.
  return new Thread(FILE, { workerData: { path, patienceMs }, env: {} });
}
