import type { Store } from '../../store/store.ts';
import { type Check, fail, pass, skip } from '../check.ts';
import { formatBytes } from './byte-size.ts';

export interface DatabaseDeps {
  /** Undefined where there is no database yet. Throws of the storage category, and what reading the config throws. */
  readonly store: () => Promise<Pick<Store, 'examine'> | undefined>;
}

/** Beyond it the log has not been moved into the database for long: a reader that never ends keeps it from that, bytes. */
const LARGE_LOG = 256 * 1024 * 1024;

/** Whether the database opens, can be written and is whole inside. */
export function databaseCheck({ store }: DatabaseDeps): Check {
  return {
    name: 'database',
    needs: ['config'],
    run: async () => {
      const opened = await store();
      if (!opened) return skip('there is none yet; the first `lwi connect` makes it');
      const { engine, method, problems, schemaVersion, sizeBytes, freeBytes, logBytes } = await opened.examine();
      if (problems.length > 0) {
        return fail(
          `damaged: ${problems.join('; ')}`,
          'Keep the file, restore the database from a backup, then connect again what the backup does not hold.',
          'STORE_DAMAGED',
        );
      }
      if (logBytes > LARGE_LOG) {
        return fail(
          `whole, but its write-ahead log has grown to ${formatBytes(logBytes)}`,
          'End programs that keep the database open, then run `lwi status`.',
        );
      }
      const parts = [`${formatBytes(sizeBytes)}, ${formatBytes(freeBytes)} of it free`, `log ${formatBytes(logBytes)}`];
      return pass(`${method} of ${engine} finds nothing; schema ${schemaVersion}, ${parts.join(', ')}`);
    },
  };
}
