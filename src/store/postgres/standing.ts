import type { ServerStanding, StoreStanding } from '../standing.ts';
import { connectionSettings, SCHEMA } from './connection-url.ts';
import { PostgresDatabase, type Queries } from './database.ts';
import { JOBS_SCHEMA, VIEWS_SCHEMA } from './grants.ts';
import { LATEST_VERSION } from './migrations.ts';
import { openedSchema } from './schema-version.ts';
import type { Surroundings } from './surroundings.ts';

export interface StandingOptions {
  /** Wall clock of this machine, ms since the epoch. */
  now(): number;
  readonly around: Surroundings;
}

type Server = Pick<ServerStanding, 'role' | 'rights' | 'standby' | 'behindMs' | 'followers' | 'maxConnections'>;
interface ServerRow extends Server {
  readonly version: string;
  readonly sizeBytes: number;
  readonly tls: string | null;
}

const SERVER = `
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS "sizeBytes", current_user AS role,
  CASE
    WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'superuser'
    WHEN has_schema_privilege(schema, 'CREATE') THEN 'owner'
    WHEN has_schema_privilege(schema, 'USAGE') THEN 'worker'
    ELSE 'none'
  END AS rights,
  pg_is_in_recovery() AS standby,
  CASE WHEN pg_is_in_recovery() THEN
    (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint
  END AS "behindMs",
  (SELECT count(*) FROM pg_stat_replication) AS followers,
  (SELECT version || ' ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls,
  current_setting('max_connections')::int AS "maxConnections"
FROM (SELECT to_regnamespace('${SCHEMA}')::oid AS schema) AS found`;

const TABLES = `
SELECT CASE WHEN schemaname = '${SCHEMA}' THEN relname ELSE schemaname || '.' || relname END AS name,
  n_live_tup AS rows, pg_total_relation_size(relid) AS bytes
FROM pg_stat_user_tables WHERE schemaname IN ('${SCHEMA}', '${VIEWS_SCHEMA}', '${JOBS_SCHEMA}')
ORDER BY bytes DESC, name`;

/** `application_name` is a name that each client gives itself. */
const CONNECTIONS = `
SELECT coalesce(nullif(application_name, ''), '-') AS application, coalesce(host(client_addr), 'local') AS host,
  count(*) AS open, count(*) FILTER (WHERE state <> 'idle') AS busy
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
GROUP BY 1, 2 ORDER BY 1, 2`;

const WAITING = `
SELECT pid, coalesce(host(client_addr), 'local') AS host,
  (extract(epoch FROM clock_timestamp() - state_change) * 1000)::bigint AS "waitsMs", pg_blocking_pids(pid) AS "blockedBy"
FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
ORDER BY state_change LIMIT 20`;

/** The database at `url`, which `source` names in errors, whatever its schema is; nothing is made or changed. Throws USAGE, STORE_AWAY, STORE_REFUSED, STORE_READONLY. */
export async function postgresStanding(url: string, source: string, options: StandingOptions): Promise<StoreStanding> {
  const settings = connectionSettings(url, source, options.around);
  const db = new PostgresDatabase(settings);
  try {
    const schema = (await openedSchema(db, db.place)) ?? { version: 0, compatibleWith: 0 };
    const { version, sizeBytes, tls, ...row } = await serverRow(db);
    const server = {
      ...row,
      protection: settings.protection,
      ...(tls === null ? {} : { tls }),
      clockAheadMs: await clockAhead(db, options),
      connections: await db.rows<ServerStanding['connections'][number]>(CONNECTIONS),
      waiting: await db.rows<ServerStanding['waiting'][number]>(WAITING),
    };
    return {
      ...{ engine: `PostgreSQL ${version.replace(/ .*/, '')}`, place: db.place, sizeBytes },
      schema: { ...schema, needed: LATEST_VERSION },
      tables: await db.rows<StoreStanding['tables'][number]>(TABLES),
      server,
    };
  } finally {
    await db.close();
  }
}

async function serverRow(db: Queries): Promise<ServerRow> {
  const row = await db.row<ServerRow & { behindMs: number | null }>(SERVER);
  if (!row) throw new Error('the server says nothing of itself');
  const { behindMs, ...rest } = row;
  return { ...rest, ...(behindMs === null ? {} : { behindMs }) };
}

/** How far the server's clock is ahead, ms; 0 where both may agree: its answer is of some moment between question and arrival. */
async function clockAhead(db: Queries, { now }: StandingOptions): Promise<number> {
  const began = now();
  const row = await db.row<{ at: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at');
  const at = row?.at ?? began;
  if (at >= began - 1 && at <= now() + 1) return 0;
  return Math.round(at - (began + now()) / 2);
}
