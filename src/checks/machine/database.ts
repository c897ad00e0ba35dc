import { formatBytes } from '../../byte-size.ts';
import type { Store } from '../../store/store.ts';
import { type Finding, fail, pass } from '../check.ts';

/**
 * Of a database that is larger only what nothing works without is looked at, bytes: the look blocks the process, at about 200 MB in a second, and
 * neither a deadline nor Ctrl-C is heard meanwhile.
 */
const LARGE = 256_000_000;

/** Beyond it the log has not been moved into the database for long: a reader that never ends keeps it from that, bytes. */
const LARGE_LOG = 256_000_000;

/** Whether the database can be written and is whole inside. Undefined: there is none yet. Throws of the storage category. */
export async function databaseFinding(store: Pick<Store, 'examine'> | undefined): Promise<Finding> {
  if (!store) return pass('there is none yet; the first `lwi connect` makes it');
  const { engine, method, problems, schemaVersion, sizeBytes, freeBytes, logBytes } = await store.examine(LARGE);
  if (problems.length > 0) {
    return fail(
      `damaged: ${problems.join('; ')}`,
      'Keep what is there, restore the database from a backup, then connect again what the backup does not hold.',
      'STORE_DAMAGED',
    );
  }
  if (logBytes > LARGE_LOG) {
    return fail(
      `whole, but its write-ahead log has grown to ${formatBytes(logBytes)}`,
      'End programs that keep the database open, then run `lwi status`.',
    );
  }
  const isFile = engine.startsWith('SQLite');
  const where =
    isFile && sizeBytes > LARGE ? ' in keys, tokens and secrets (records and webhooks were not looked at)' : '';
  const room = `, ${formatBytes(freeBytes)} of it free, log ${formatBytes(logBytes)}`;
  const size = `${formatBytes(sizeBytes)}${isFile ? room : ''}`;
  return pass(`${method} of ${engine} finds nothing${where}; schema ${schemaVersion}, ${size}`);
}
