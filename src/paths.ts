import { posix, win32 } from 'node:path';
import { LwiError } from './errors.ts';

export interface PathInputs {
  /** What `--home` says; goes before `LWI_HOME`. A relative one counts from the working directory. */
  readonly home?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Home directory of the user. */
  readonly homedir: string;
}

export interface Paths {
  /** The config file. */
  readonly config: string;
  /** The database file. */
  readonly data: string;
  /** A directory; whatever is in it can be lost. */
  readonly cache: string;
}

interface Directories {
  readonly config: string;
  readonly data: string;
  readonly cache: string;
}

/**
 * Where lwi keeps its files: everything in one directory with `--home` or `LWI_HOME`, else the platform's own places. Nothing is
 * created. The rules are those of sindresorhus/env-paths (name `lwi`, no suffix), computed here because that package reads the
 * environment and the platform of the process when it is loaded and cannot be given others. Throws USAGE without a home, and for an empty one:
 * it is a variable of a script that was never filled, and the platform's own place may be another person's data.
 */
export function resolvePaths({ home, environment, platform, homedir }: PathInputs): Paths {
  const path = platform === 'win32' ? win32 : posix;
  const asked = home ?? environment['LWI_HOME'];
  if (asked === '') {
    const [name, hint] =
      home === undefined
        ? ['LWI_HOME', 'Give LWI_HOME a directory, or unset it.']
        : ['--home', 'Give --home a directory.'];
    throw new LwiError('USAGE', `${name} is empty.`, { hint });
  }
  if (asked !== undefined) {
    const directory = path.resolve(asked);
    return {
      config: path.join(directory, 'config.json'),
      data: path.join(directory, 'lwi.db'),
      cache: path.join(directory, 'cache'),
    };
  }
  if (homedir === '')
    throw new LwiError('USAGE', 'there is no home directory', { hint: 'Set LWI_HOME or give --home.' });
  const directories = platformDirectories({ environment, platform, homedir });
  return {
    config: path.join(directories.config, 'config.json'),
    data: path.join(directories.data, 'lwi.db'),
    cache: directories.cache,
  };
}

function platformDirectories({ environment, platform, homedir }: PathInputs): Directories {
  if (platform === 'darwin') {
    const library = posix.join(homedir, 'Library');
    return {
      config: posix.join(library, 'Preferences', 'lwi'),
      data: posix.join(library, 'Application Support', 'lwi'),
      cache: posix.join(library, 'Caches', 'lwi'),
    };
  }
  if (platform === 'win32') {
    const roaming = environment['APPDATA'] || win32.join(homedir, 'AppData', 'Roaming');
    const local = environment['LOCALAPPDATA'] || win32.join(homedir, 'AppData', 'Local');
    return {
      config: win32.join(roaming, 'lwi', 'Config'),
      data: win32.join(local, 'lwi', 'Data'),
      cache: win32.join(local, 'lwi', 'Cache'),
    };
  }
  // XDG Base Directory Specification 0.8: a relative value is invalid and passed over.
  const base = (variable: string, ...fallback: string[]) => {
    const value = environment[variable];
    return posix.join(value !== undefined && posix.isAbsolute(value) ? value : posix.join(homedir, ...fallback), 'lwi');
  };
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    data: base('XDG_DATA_HOME', '.local', 'share'),
    cache: base('XDG_CACHE_HOME', '.cache'),
  };
}
