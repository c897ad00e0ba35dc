import { existsSync } from 'node:fs';
import type { Config } from '../../config.ts';
import type { Paths } from '../../paths.ts';
import { type Check, pass } from '../check.ts';

export interface ConfigDeps {
  readonly paths: () => Paths;
  /** Reads and checks the file. Throws CONFIG_INVALID with the place of the mistake. */
  readonly config: () => Promise<Config>;
  /** Throws CONFIG_INVALID where a section names a provider that does not exist. */
  readonly providers: () => Promise<unknown>;
}

/** The config file: that it holds, and what in it sends requests elsewhere than a person may think. */
export function configCheck({ paths, config, providers }: ConfigDeps): Check {
  return {
    name: 'config',
    needs: ['paths'],
    run: async () => {
      const file = paths().config;
      const read = await config();
      await providers();
      if (!existsSync(file)) return pass('there is no file; the built-in defaults hold');
      const own = Object.keys(read.providers ?? {});
      const parts = [
        'valid',
        ...(own.length > 0 ? [`providers of your own: ${own.join(', ')}`] : []),
        ...Object.entries(read.endpoints ?? {}).map(([id, endpoints]) => `${id} goes to ${hostsOf(endpoints)}`),
      ];
      return pass(parts.join('; '));
    },
  };
}

/** Hosts alone: a path or a query may hold what others should not read. */
function hostsOf(endpoints: object): string {
  const hosts = Object.values(endpoints).flatMap((url) =>
    typeof url === 'string' && URL.canParse(url) ? new URL(url).host : [],
  );
  return [...new Set(hosts)].join(', ') || 'where it always goes';
}
