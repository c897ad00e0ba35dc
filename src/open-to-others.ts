import { statSync } from 'node:fs';
import { platform } from 'node:os';

/** Access of the group and of everybody. */
const OTHERS = 0o077;

/** The mode of a file that others than its owner have access to, as `0644`; undefined where nobody has, where it is not there, and on Windows, which has no such modes. */
export function modeOpenToOthers(path: string): string | undefined {
  if (platform() === 'win32') return undefined;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & OTHERS) === 0 ? undefined : (mode & 0o777).toString(8).padStart(4, '0');
}
