import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Check, fail, pass, skip } from '../check.ts';

export interface BrowserDeps {
  /** What `BROWSER` says: commands, separated as in PATH. */
  readonly chosen: string | undefined;
  /** Whether `connect` would open a browser on this machine. */
  readonly here: boolean;
  readonly path: string | undefined;
}

/** Whether `connect` can open a browser by itself. Nothing is opened. */
export function browserCheck({ chosen = '', here, path = '' }: BrowserDeps): Check {
  return {
    name: 'browser',
    run: async () => {
      const programs = chosen.split(delimiter).flatMap((line) => line.trim().split(/\s+/)[0] || []);
      const [found] = programs.filter((program) => isProgram(program, path));
      if (found) return pass(`${found} opens addresses, by BROWSER`);
      if (programs.length > 0) {
        return fail(
          `BROWSER names ${programs.join(', ')}, which cannot be run`,
          'Correct or unset BROWSER, or connect with `lwi connect <provider> --no-browser`.',
        );
      }
      if (here) return pass("the desktop's own choice");
      return skip(
        'there is none to open here (SSH, or no display): `connect` shows the address, and takes the answer with --paste',
      );
    },
  };
}

function isProgram(name: string, path: string): boolean {
  const files = name.includes('/') ? [name] : path.split(delimiter).map((directory) => join(directory || '.', name));
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
