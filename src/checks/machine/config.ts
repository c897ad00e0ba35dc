import { existsSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { type Finding, pass } from '../check.ts';

export interface ConfigFacts {
  /** Where the file is, or would be. */
  readonly file: string;
  /** Reads and checks the file. Throws CONFIG_INVALID with the place of the mistake. */
  readonly config: () => Promise<Config>;
  /** Throws CONFIG_INVALID where a section names a provider that does not exist. */
  readonly providers: () => Promise<unknown>;
}

/** The config file: that it holds, and what in it sends requests elsewhere, or under another name, than a person may think. Throws CONFIG_INVALID. */
export async function configFinding({ file, config, providers }: ConfigFacts): Promise<Finding> {
  const { account, env, providers: own = {}, endpoints = {} } = await config();
  await providers();
  if (!existsSync(file)) return pass(`no file ${file}: the built-in defaults hold`);
  const ids = Object.keys(own);
  const parts = [
    `${file} is valid`,
    account !== undefined && `account ${account}`,
    env !== undefined && `environment ${env}`,
    ids.length > 0 && `providers of your own: ${ids.join(', ')}`,
    ...Object.entries(endpoints).map(([id, each]) => `${id} goes to ${hostsOf(each)}`),
  ];
  return pass(parts.filter((part) => part !== false).join('; '));
}

/** Hosts alone: a path or a query may hold what others should not read. */
function hostsOf(endpoints: object): string {
  const hosts = Object.values(endpoints).flatMap((url) =>
    typeof url === 'string' && URL.canParse(url) ? new URL(url).host : [],
  );
  return [...new Set(hosts)].join(', ') || 'where it always goes';
}
