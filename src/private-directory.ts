import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Mode of every directory that lwi makes: nobody else looks in. */
const PRIVATE = 0o700;

/**
 * Makes `path` and what is missing above it, each with mode 0700. Returns whether `path` was made here. One step at a time, because
 * Node's recursive mkdir never returns where the system refuses new directories with ENOENT (`/proc`). Throws errors of `node:fs`.
 */
export function makePrivateDirectory(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
  const parent = dirname(path);
  if (parent !== path) makePrivateDirectory(parent);
  try {
    mkdirSync(path, { mode: PRIVATE });
    return true;
  } catch (error) {
    // Another process was faster.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
    throw error;
  }
}
