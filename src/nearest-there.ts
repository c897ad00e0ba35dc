import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** `path`, or what is nearest above it where it is not there yet; the root of the file system at last. */
export function nearestThere(path: string): string {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  return there;
}
