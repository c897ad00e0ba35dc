import { LwiError } from '../../errors.ts';
import { isLoopbackHost } from '../../loopback-host.ts';
import type { DriverSettings } from './driver.ts';

/** Where the database is and how it is reached. */
export interface ConnectionSettings {
  /** For people: the URL without password and parameters. */
  readonly place: string;
  readonly driver: DriverSettings;
}

/** The schema that holds lwi's tables. */
export const SCHEMA = 'lwi';

/** What the sessions of lwi ask of the server; in milliseconds and seconds as the server takes them. */
const SESSION = {
  search_path: SCHEMA,
  DateStyle: 'ISO',
  client_min_messages: 'warning',
  lock_timeout: '5000',
  idle_in_transaction_session_timeout: '60000',
  // A host that is cut off loses its sessions, and with them its locks, within about 20 seconds.
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
} as const;

const DEFAULTS = { connectMs: 5000, statementMs: 30_000, pool: 5 } as const;

/** Reads `LWI_DATABASE_URL`; `source` names it in errors. Throws USAGE, without the URL, which may have a password. */
export function connectionSettings(text: string, source: string): ConnectionSettings {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new LwiError('USAGE', `${source} is no URL of a PostgreSQL database: postgres://user@host:5432/database.`);
  }
  const socket = url.searchParams.get('host')?.startsWith('/') ? url.searchParams.get('host') : undefined;
  const host = socket ?? (decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost');
  const database = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  const options = Object.entries(SESSION).map(([name, value]) => `-c ${name}=${value}`);
  const local = socket !== undefined || isLoopbackHost(host);
  return {
    place: `postgres://${user ? `${encodeURIComponent(user)}@` : ''}${url.host || host}/${encodeURIComponent(database)}`,
    driver: {
      ...{ host, port: url.port ? Number(url.port) : 5432 },
      ...(database ? { database } : {}),
      ...(user ? { user } : {}),
      ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
      ssl: local || url.searchParams.get('sslmode') === 'disable' ? false : { rejectUnauthorized: true },
      application_name: 'lwi',
      max: DEFAULTS.pool,
      connectionTimeoutMillis: DEFAULTS.connectMs,
      statement_timeout: DEFAULTS.statementMs,
      keepAlive: true,
      options: options.join(' '),
      // A command that has nothing else to do ends, whatever is open.
      allowExitOnIdle: true,
    },
  };
}
