import type { Uptime } from '../../clock.ts';
import type { Store } from '../store.ts';
import { circuitsTable } from './circuits.ts';
import { connectionsTable } from './connections.ts';
import { databaseExamination } from './examination.ts';
import { forwardsTable } from './forwards.ts';
import { inboxTable } from './inbox.ts';
import { inboxReading } from './inbox-reading.ts';
import { leasesTable } from './leases.ts';
import { metaTable } from './meta.ts';
import { openDatabase } from './open-database.ts';
import { recordReading } from './record-reading.ts';
import { recordViews } from './record-views.ts';
import { resealing } from './reseal.ts';
import { secretsTable } from './secrets.ts';
import { seenTable } from './seen.ts';
import { syncTables } from './sync.ts';
import { syncHolds } from './sync-hold.ts';
import { throttleTables } from './throttle.ts';

export interface SqliteStoreOptions {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Time that no correction of the clock moves, for leases and permits; see `systemUptime`. */
  uptime?(): Uptime | undefined;
}

/**
 * Opens the store in the file `path`, which is made with its directory if it is not there. Throws STORE_READONLY,
 * STORE_DAMAGED, STORE_LOCKED, STORE_FULL, STORE_TOO_NEW, STORE_UNSAFE, each naming the path.
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions): Store {
  const db = openDatabase(path);
  const { flushPermits, ...permits } = throttleTables(db, options);
  const { closeWriter, ...inbox } = inboxTable(db);
  return {
    shared: false,
    ...metaTable(db),
    ...connectionsTable(db),
    ...leasesTable(db, options),
    ...permits,
    ...circuitsTable(db),
    ...syncTables(db),
    ...seenTable(db),
    ...syncHolds(db),
    ...inbox,
    ...inboxReading(db),
    ...forwardsTable(db),
    ...recordReading(db),
    ...recordViews(db),
    ...secretsTable(db),
    ...resealing(db),
    ...databaseExamination(db),
    jobCounts: async () => undefined,
    close: async () => {
      // A place in flight that is not given back would hold up the next command.
      await flushPermits().catch(() => {});
      await closeWriter();
      await db.close();
    },
  };
}
