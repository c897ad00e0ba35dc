import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Paths } from '../../paths.ts';
import { isNodeError } from '../../read-bounded.ts';
import { type Check, fail, pass, skip } from '../check.ts';

export interface PermissionsDeps {
  readonly paths: () => Paths;
  /** Undefined on Windows, where modes say nothing. */
  readonly uid: number | undefined;
  /** Whether the database is on a server, so that opening it changes no file. */
  readonly elsewhere: () => Promise<boolean>;
}

/** Access of the group and of everybody. */
const OTHERS = 0o077;

interface Trouble {
  readonly reason: string;
  readonly next: string;
}

/** Every command that opens the database does so with it, and with a directory that has nothing else in it; the check of the database is one. */
const MAYBE_DONE = ', unless opening the database has taken that access away meanwhile';

/** Directories 0700, files 0600, all of this user, and usable. Looks before the database is opened, which tightens loose modes of its own files. */
export function permissionsCheck({ paths, uid, elsewhere }: PermissionsDeps): Check {
  return {
    name: 'permissions',
    needs: ['paths'],
    run: async () => {
      const { config, data } = paths();
      if (uid === undefined) return skip('Windows keeps files in the profile of the user by other means than modes');
      const unless = (await elsewhere()) ? '' : MAYBE_DONE;
      const directories = [...new Set([dirname(config), dirname(data)])];
      const looked = [
        ...directories.map((path) => directoryAt(path, uid, unless)),
        fileAt(config, uid, ''),
        ...[data, `${data}-wal`, `${data}-shm`].map((path) => fileAt(path, uid, unless)),
      ];
      const troubles = looked.flatMap((each) => (typeof each === 'object' ? each : []));
      const [first] = troubles;
      if (first) return fail(troubles.map(({ reason }) => reason).join('; '), first.next);
      const there = looked.filter((each) => each === 'good').length;
      return there === 0
        ? pass(`nothing is there yet; ${directories.join(' and ')} can be made`)
        : pass('directories 0700, files 0600, owned by this user, writable');
    },
  };
}

function directoryAt(path: string, uid: number, unless: string): 'good' | 'absent' | Trouble {
  const stat = look(path);
  if (stat === undefined) return makeable(path);
  if ('reason' in stat) return stat;
  if (!stat.isDirectory()) {
    return { reason: `${path} is no directory`, next: 'Move it away, or choose another place with --home.' };
  }
  const needed = constants.R_OK | constants.W_OK | constants.X_OK;
  return ownership(path, stat, uid, { mode: '700', unless }) ?? access(path, needed) ?? 'good';
}

function fileAt(path: string, uid: number, unless: string): 'good' | 'absent' | Trouble {
  const stat = look(path);
  // What hides it is told of its directory.
  if (stat === undefined || 'reason' in stat) return 'absent';
  if (!stat.isFile()) return { reason: `${path} is no regular file`, next: `Move ${path} away.` };
  return ownership(path, stat, uid, { mode: '600', unless }) ?? access(path, constants.R_OK | constants.W_OK) ?? 'good';
}

function ownership(
  path: string,
  stat: Stats,
  uid: number,
  { mode, unless }: { mode: string; unless: string },
): Trouble | undefined {
  if (stat.uid !== uid) {
    const next = `Run lwi as the user who owns it, or choose a place of your own with --home.`;
    return { reason: `${path} belongs to user ${stat.uid}, lwi runs as ${uid}`, next };
  }
  if ((stat.mode & OTHERS) === 0) return undefined;
  const found = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  return { reason: `others have access to ${path} (${found})`, next: `Run \`chmod ${mode} '${path}'\`${unless}.` };
}

function access(path: string, needed: number): Trouble | undefined {
  try {
    accessSync(path, needed);
    return undefined;
  } catch (error) {
    const code = isNodeError(error) ? error.code : 'unknown reason';
    const next =
      code === 'EROFS' ? 'Choose a place that can be written with --home.' : `Run \`chmod u+rwX '${path}'\`.`;
    return { reason: `${path} cannot be read and written (${code})`, next };
  }
}

/** Undefined when it is not there. */
function look(path: string): Stats | Trouble | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = isNodeError(error) ? error.code : 'unknown reason';
    return { reason: `${path} cannot be looked at (${code})`, next: 'Choose a place of your own with --home.' };
  }
}

/** Whether a directory that is missing could be made below what is there. */
function makeable(path: string): 'absent' | Trouble {
  let above = dirname(path);
  for (let stat = look(above); stat === undefined && dirname(above) !== above; stat = look(above))
    above = dirname(above);
  const trouble = access(above, constants.W_OK | constants.X_OK);
  if (!trouble) return 'absent';
  return { reason: `${path} cannot be made below ${above}`, next: 'Choose a place of your own with --home.' };
}
