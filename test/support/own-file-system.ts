import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { onTestFinished } from 'vitest';

/** Puts a file system of its own under `directory`, of so many bytes, until the test is over. False where that is refused. */
export function ownFileSystem(directory: string, size: number): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', directory]);
  });
  return true;
}

/** Nothing can be written there any more; refused while somebody has a file open for writing. */
export function makeReadOnly(directory: string): void {
  execFileSync('mount', ['-o', 'remount,ro', directory]);
}
