import { systemClock } from '../../clock.ts';
import { LwiError } from '../../errors.ts';
import type { OnWait } from '../copy/copy-side.ts';
import { type ConnectionSettings, connectionSettings } from './connection-url.ts';
import { PostgresDatabase, type Queries } from './database.ts';
import { endClient } from './driver.ts';
import type { Surroundings } from './surroundings.ts';

/** Rows of a large table are counted for long; and the transaction of a source stands still while the other side writes, but not for ever. */
const SESSION = `
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = '10min'`;

/** The one connection of a copy, and the transaction that is open on it. */
export interface Session {
  readonly db: PostgresDatabase;
  readonly queries: Queries;
  close(): Promise<void>;
}

/** How to a database, for a copy. */
export type Way = ConnectionSettings;

/** The way to the database at `url`, which `source` names in errors. Throws USAGE and CONFIG_INVALID. */
export function wayTo(url: string, source: string, around: Surroundings): Way {
  const settings = connectionSettings(url, source, around);
  // A table of many rows is counted for longer than the other statements of lwi take.
  return { ...settings, driver: { ...settings.driver, statement_timeout: 0, query_timeout: 0 } };
}

/** Work on connections that are closed before the copy begins, so that it sees those of others alone. */
export async function before<T>(way: Way, work: (db: PostgresDatabase) => Promise<T>): Promise<T> {
  const db = new PostgresDatabase(way);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

export async function opened<T>(way: Way, work: (session: Session) => Promise<T>): Promise<T> {
  const db = new PostgresDatabase(way);
  const client = await db.session();
  const close = async () => {
    await endClient(client).catch(() => {});
    await db.close();
  };
  try {
    const queries = db.on(client);
    await queries.script(SESSION);
    return await work({ db, queries, close });
  } catch (error) {
    await close();
    throw error;
  }
}

const OTHERS = `
SELECT count(*) > 0 AS others FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND (application_name LIKE 'lwi%' OR application_name = current_setting('application_name'))`;

/** How long those have whose connections are closing just now, ms. */
const PATIENCE_MS = 2000;
const LOOK_MS = 100;

/** Others would write to the source afterwards, or to a target that they take for theirs. */
export async function assertUnused({ db, queries }: Session, onWait: OnWait): Promise<void> {
  for (let waited = 0; waited <= PATIENCE_MS; waited += LOOK_MS) {
    // Without it a transaction would see what it saw at first (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-VIEWS).
    await queries.row('SELECT pg_stat_clear_snapshot()');
    if (!(await queries.row<{ others: boolean }>(OTHERS))?.others) return;
    onWait(db.place);
    await systemClock.sleep(LOOK_MS);
  }
  // Their number would tell nothing: each process has several.
  throw new LwiError('STORE_LOCKED', `${db.place}: another lwi uses the database`, {
    hint: 'Stop every `lwi` that uses it, on all machines (serve, listen, sync --watch), then run the command again.',
  });
}
