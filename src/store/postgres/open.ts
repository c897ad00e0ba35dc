import { isLwiError, LwiError } from '../../errors.ts';
import { unfinished } from '../copy/unfinished.ts';
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
import { machineTime } from './machine-time.ts';
import { metaTable } from './meta.ts';
import { migrate } from './migrate.ts';
import { LATEST_VERSION } from './migrations.ts';
import { patience } from './patience.ts';
import { recordReading } from './record-reading.ts';
import { recordViews } from './record-views.ts';
import { resealing } from './reseal.ts';
import { assertNotTooNew, isOutdated, keepsOthersGoing, openedSchema } from './schema-version.ts';
import { secretsTable } from './secrets.ts';
import { seenTable } from './seen.ts';
import { sessionLocks } from './session-locks.ts';
import type { Surroundings } from './surroundings.ts';
import { syncTables } from './sync.ts';
import { syncRights } from './sync-hold.ts';
import { throttleTables } from './throttle.ts';

export interface PostgresStoreOptions {
  /** Wall clock, ms since the epoch: for what people read, never for what machines must agree on. */
  now(): number;
  /** The time of the database in a test; absent: its own. */
  databaseNow?: () => number;
  /** What may name a password beside the URL; absent: nothing. */
  around?: Surroundings;
  /** Aborts when the process is to stop: a database that is away is no longer waited for. */
  signal?: AbortSignal;
  /** Told what a person should know about the way to the database; a sentence. */
  warn?: (text: string) => void;
}

/**
 * Opens the store in the database at `url`, which `source` names in errors, and makes its schema if there is none. Throws USAGE, STORE_AWAY, STORE_REFUSED,
 * STORE_READONLY, STORE_TOO_NEW, STORE_OUTDATED, each naming the place, never with the password.
 */
export async function openPostgresStore(url: string, source: string, options: PostgresStoreOptions): Promise<Store> {
  const db = connected(url, source, options);
  return storeOr(db, async () => {
    if (!(await existing(db))) await made(db);
    return storeOn(db, options);
  });
}

/** The same for those who only look: undefined where there is no schema, and none is made. */
export async function existingPostgresStore(
  url: string,
  source: string,
  options: PostgresStoreOptions,
): Promise<Store | undefined> {
  const db = connected(url, source, options);
  return storeOr(db, async () => {
    if (await existing(db)) return storeOn(db, options);
    await db.close();
    return undefined;
  });
}

function connected(url: string, source: string, { around, warn }: PostgresStoreOptions): PostgresDatabase {
  const settings = connectionSettings(url, source, around);
  if (settings.warning) warn?.(settings.warning);
  return new PostgresDatabase(settings);
}

async function storeOr<T>(db: PostgresDatabase, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Whether there is a schema, and one that a copy has filled or that no copy was to fill; else STORE_UNFINISHED, unless it may be `unfinishedToo`. One that lacks something gets it, if this role may do that and no other program has to be stopped for it. */
export async function existing(
  db: PostgresDatabase,
  { unfinishedToo = false }: { readonly unfinishedToo?: boolean } = {},
): Promise<boolean> {
  const schema = await openedSchema(db, db.place);
  if (!schema) return false;
  if (schema.copyNote !== undefined && !unfinishedToo) throw unfinished(db.place, schema.copyNote);
  assertNotTooNew(schema, db.place);
  if (!isOutdated(schema)) return true;
  const outdated = `${db.place}: has schema ${schema.version}, this lwi needs ${LATEST_VERSION}`;
  if (keepsOthersGoing(schema)) await migrated(db, outdated);
  else {
    const hint = 'Stop every older lwi that uses it, then run `lwi store migrate` as the role that owns the schema.';
    throw new LwiError('STORE_OUTDATED', outdated, { hint });
  }
  return true;
}

/** Makes the schema. Throws STORE_OUTDATED for a role that may not. */
export const made = (db: PostgresDatabase) =>
  migrated(db, `${db.place}: has no tables of lwi yet, and this role may not make them`);

/** Throws STORE_OUTDATED with `otherwise` for a role that may not. */
async function migrated(db: PostgresDatabase, otherwise: string): Promise<void> {
  try {
    await migrate(db);
  } catch (error) {
    if (!isLwiError(error, 'STORE_READONLY')) throw error;
    const hint = 'As a role that may make a schema there, run `lwi store migrate --grant-to <role>`, naming this role.';
    throw new LwiError('STORE_OUTDATED', otherwise, { hint, cause: error });
  }
}

function storeOn(db: PostgresDatabase, options: PostgresStoreOptions): Store {
  const clock = databaseClock(options.databaseNow);
  const time = machineTime(clock, options.now);
  const locks = sessionLocks(db);
  const holds = holdsTable(db, locks);
  const rights = syncRights(db, holds);
  // What a sync works with; all that answers others, such as a receiver, must not wait.
  const waiting = patience({
    applies: rights.some,
    signal: options.signal,
    waits: (ms) => options.warn?.(away(db, ms)),
  });
  const patient = db.patient(waiting);
  const { flushPermits, ...permits } = throttleTables(patient, clock, options);
  const { closeWriter, ...inbox } = inboxTable(db, holds, time);
  return {
    shared: true,
    ...metaTable(db),
    ...connectionsTable(patient, time),
    connections: connectionsTable(db, time).connections,
    ...leasesTable(patient.urgent(), clock),
    ...permits,
    ...circuitsTable(patient, clock, options),
    ...syncTables(db, { clock, time }, { rights, patience: waiting }),
    ...seenTable(patient, clock, rights),
    holdSync: rights.holdSync,
    ...inbox,
    ...inboxReading(db),
    ...forwardsTable(db, holds, time),
    ...recordReading(db),
    ...recordViews(patient),
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

const away = (db: PostgresDatabase, forMs: number) =>
  `${db.place}: the database does not answer; it is waited for, ${forMs / 1000} s at most`;
