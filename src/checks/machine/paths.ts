import { dirname } from 'node:path';
import type { Paths } from '../../paths.ts';
import { type Check, pass } from '../check.ts';

export interface PathsDeps {
  /** Throws USAGE where nobody names a home, and where somebody names an empty one. */
  readonly paths: () => Paths;
  /** What `--home` says. */
  readonly home: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Whether the database is on a server. */
  readonly elsewhere: () => Promise<boolean>;
}

/** Where lwi keeps its files, and what decided it. */
export function pathsCheck({ paths, home, environment, platform, elsewhere }: PathsDeps): Check {
  return {
    name: 'paths',
    run: async () => {
      const { config, data, cache } = paths();
      const rule = ruleOf({ home, environment, platform });
      const away = await elsewhere();
      if ((home ?? environment['LWI_HOME']) !== undefined) {
        return pass(`all${away ? ' but the database' : ''} in ${dirname(data)}, by ${rule}`);
      }
      return pass(`config ${config}, database ${away ? 'on a server' : data}, cache ${cache}, by ${rule}`);
    },
  };
}

/** The same order as in `resolvePaths`. */
function ruleOf({ home, environment, platform }: Omit<PathsDeps, 'paths' | 'elsewhere'>): string {
  if (home !== undefined) return '--home';
  if (environment['LWI_HOME'] !== undefined) return 'LWI_HOME';
  if (platform === 'darwin') return 'the rule of macOS (~/Library)';
  if (platform === 'win32') return 'APPDATA and LOCALAPPDATA';
  const names = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME'];
  const set = names.filter((name) => environment[name]?.startsWith('/'));
  return set.length > 0 ? set.join(', ') : 'the XDG defaults';
}
