import { statfsSync } from 'node:fs';

/** Room that all test files together may need, bytes. */
const ROOM = 4 * 1024 ** 3;

/**
 * Where tests make their temporary folders: a file system in memory, where there is one with room, so that thousands of small databases do not wait for a disk. No
 * test takes the power away, so none can tell. Absent: where the system says.
 */
export function temporaryPlace(): { readonly TMPDIR?: string } {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > ROOM ? { TMPDIR: '/dev/shm' } : {};
  } catch {
    return {};
  }
}
