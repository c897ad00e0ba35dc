import { homeDirectory } from '../../src/home-directory.ts';
import { resolvePaths } from '../../src/paths.ts';

/** lwi's cache directory, known before the command line is parsed: the same place as in src/paths.ts and bin/lwi.js. Throws USAGE without a home. */
export function cacheDirectory(process: Pick<NodeJS.Process, 'argv' | 'env' | 'platform'>): string {
  const { argv, env: environment, platform } = process;
  return resolvePaths({ home: homeOption(argv), environment, platform, homedir: homeDirectory() }).cache;
}

/** What follows `--` belongs to the command of `lwi exec`. */
function homeOption(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const joined = words.find((word) => word.startsWith('--home='));
  const at = words.indexOf('--home');
  return joined?.slice('--home='.length) ?? (at > 0 ? words[at + 1] : undefined);
}
