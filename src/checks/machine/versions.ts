import { LwiError } from '../../errors.ts';
import { type Check, fail, pass } from '../check.ts';
import { inNodeRange } from './node-range.ts';

export interface VersionsDeps {
  readonly lwi: string;
  readonly node: string;
  /** Range of Node versions that this lwi is made for. */
  readonly engines: string;
  /** System and processor: `linux x64`. */
  readonly platform: string;
  /** Loads SQLite and gives its version. Throws STORE_UNSAFE for one that may lose data, and whatever loading it throws. */
  readonly sqlite: () => Promise<string>;
}

const REINSTALL = 'Install lwi again with this Node: `npm install -g lwi`.';

/** lwi, Node, SQLite and the platform: first what a report of trouble must say. */
export function versionsCheck({ lwi, node, engines, platform, sqlite }: VersionsDeps): Check {
  return {
    name: 'versions',
    run: async () => {
      const known = `lwi ${lwi}, Node ${node}, ${platform}`;
      if (!inNodeRange(node, engines)) {
        return fail(`${known}: lwi is made for Node ${engines}`, 'Install one of these versions of Node.');
      }
      try {
        return pass(`${known}, SQLite ${await sqlite()}`);
      } catch (error) {
        if (error instanceof LwiError) throw error;
        // A native module that was built for another Node, or was never unpacked.
        const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown reason';
        return fail(`${known}: SQLite cannot be loaded: ${why}`, REINSTALL);
      }
    },
  };
}
