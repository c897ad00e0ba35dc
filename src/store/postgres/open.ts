import type { Store } from '../store.ts';
import { circuitsTable } from './circuits.ts';
import { databaseClock } from './clock.ts';
import { connectionSettings } from './connection-url.ts';
import { connectionsTable } from './connections.ts';
import { PostgresDatabase } from './database.ts';
import { databaseExamination } from './examination.ts';
import { forwardsTable } from './forwards.ts';
import { holdsTable } from './holds.ts';
import { inboxTable } from './inbox.ts';
import { inboxReading } from './inbox-reading.ts';
import { jobCountTable } from './job-counts.ts';
import { leasesTable } from './leases.ts';
import { metaTable } from './meta.ts';
import { recordReading } from './record-reading.ts';
import { recordViews } from './record-views.ts';
import { resealing } from './reseal.ts';
import { assertUsable, migrate, readSchemaVersion } from './schema-version.ts';
import { secretsTable } from './secrets.ts';
import { seenTable } from './seen.ts';
import { sessionLocks } from './session-locks.ts';
import { syncTables } from './sync.ts';
import { syncHolds } from './sync-hold.ts';
import { throttleTables } from './throttle.ts';

export interface PostgresStoreOptions {
  /** Wall clock, ms since the epoch: for what people read, never for what machines must agree on. */
  now(): number;
  /** The time of the database in a test; absent: its own. */
  databaseNow?: () => number;
}

/**
 * Opens the store in the database at `url`, which `source` names in errors, and makes its schema if there is none. Throws USAGE, STORE_AWAY, STORE_REFUSED,
 * STORE_READONLY, STORE_TOO_NEW, STORE_OUTDATED, each naming the place, never with the password.
 */
export async function openPostgresStore(url: string, source: string, options: PostgresStoreOptions): Promise<Store> {
  const db = new PostgresDatabase(connectionSettings(url, source));
  try {
    let version = await readSchemaVersion(db);
    if (version === undefined) {
      await migrate(db);
      version = await readSchemaVersion(db);
    }
    if (version) assertUsable(version, db.place);
    return storeOn(db, options);
  } catch (error) {
    await db.close();
    throw error;
  }
}

function storeOn(db: PostgresDatabase, options: PostgresStoreOptions): Store {
  const clock = databaseClock(options.databaseNow);
  const locks = sessionLocks(db);
  const holds = holdsTable(db, locks);
  const { flushPermits, ...permits } = throttleTables(db, clock, options);
  const { closeWriter, ...inbox } = inboxTable(db, holds);
  return {
    ...metaTable(db),
    ...connectionsTable(db),
    ...leasesTable(db, clock),
    ...permits,
    ...circuitsTable(db),
    ...syncTables(db),
    ...seenTable(db),
    ...syncHolds(db, holds),
    ...inbox,
    ...inboxReading(db),
    ...forwardsTable(db, holds),
    ...recordReading(db),
    ...recordViews(db),
    ...secretsTable(db),
    ...resealing(db),
    ...databaseExamination(db),
    ...jobCountTable(db),
    close: async () => {
      // A place in flight that is not given back would hold up the next command.
      await flushPermits().catch(() => {});
      await closeWriter();
      await locks.close();
      await db.close();
    },
  };
}
