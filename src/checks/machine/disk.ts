import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatBytes } from '../../byte-size.ts';
import { nearestThere } from '../../nearest-there.ts';
import type { Paths } from '../../paths.ts';
import { isNodeError } from '../../read-bounded.ts';
import { type Check, fail, pass, skip } from '../check.ts';

export interface DiskDeps {
  readonly paths: () => Paths;
  readonly platform: NodeJS.Platform;
  /** Whether the database is on a server. */
  readonly elsewhere: () => Promise<boolean>;
  /** Looks at a file system; replaced in tests. */
  readonly statfs?: (path: string) => { readonly type: number; readonly bavail: number; readonly bsize: number };
}

/** The write-ahead log may grow to a few MB before it is moved, and a checkpoint needs the same again, bytes. */
const LEAST_FREE = 64 * 1024 * 1024;

/** Magic numbers of statfs(2) on Linux. SQLite's log needs memory that all its processes share (https://www.sqlite.org/wal.html). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
]);

/** Room for the database, on a file system that can hold one. */
export function diskCheck({ paths, platform, elsewhere, statfs = statfsSync }: DiskDeps): Check {
  return {
    name: 'disk',
    needs: ['paths'],
    run: async () => {
      if (await elsewhere()) return skip('the database is on a server');
      const place = nearestThere(dirname(paths().data));
      try {
        const { type, bavail, bsize } = statfs(place);
        const network = platform === 'linux' ? NETWORK.get(type >>> 0) : undefined;
        if (network) {
          return fail(
            `${place} is on ${network}, a network file system, on which SQLite loses data of parallel runs`,
            'Choose a place on a disk of this machine with --home or LWI_HOME.',
          );
        }
        const free = bavail * bsize;
        if (free < LEAST_FREE) {
          return fail(
            `${formatBytes(free)} free in ${place}`,
            `Free space on the disk: ${formatBytes(LEAST_FREE)} are needed at least.`,
          );
        }
        return pass(`${formatBytes(free)} free${platform === 'linux' ? ', no network file system' : ''}`);
      } catch (error) {
        if (!isNodeError(error)) throw error;
        return skip(`the file system of ${place} does not say (${error.code})`);
      }
    },
  };
}
