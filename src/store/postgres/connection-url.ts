import { LwiError } from '../../errors.ts';
import type { DriverSettings } from './driver.ts';
import { passwordFilePath, passwordFromFile } from './password-file.ts';
import { NO_SURROUNDINGS, type Surroundings } from './surroundings.ts';
import { type Protection, tlsSettings } from './tls-settings.ts';
import { DEFAULT_PORT, type UrlParts, urlParts } from './url-parts.ts';

/** Where the database is and how it is reached. */
export interface ConnectionSettings {
  /** For people: the URL without password and parameters. */
  readonly place: string;
  readonly driver: DriverSettings;
  readonly protection: Protection;
  /** What a person should know about the way to it; a sentence. */
  readonly warning?: string;
  /** What named the URL, for hints. */
  readonly source: string;
  /** What to look at where the database lets nobody in: a sentence. */
  loginHint(): string;
}

/** The schema that holds lwi's tables. */
export const SCHEMA = 'lwi';

/** Where names without a schema are looked for: nothing that another role can write, and temporary tables last. `pg_catalog` goes before all. */
export const SEARCH_PATH = `${SCHEMA},pg_temp`;

/** What the sessions of lwi ask of the server; in milliseconds and seconds as the server takes them. */
const SESSION = {
  search_path: SEARCH_PATH,
  DateStyle: 'ISO',
  client_min_messages: 'warning',
  lock_timeout: '5000',
  idle_in_transaction_session_timeout: '60000',
  // A host that is cut off loses its sessions, and with them its locks, within about 20 seconds.
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '20000',
} as const;

/**
 * Seconds, connections, milliseconds. A server that refuses does so at once; what takes seconds is a busy one, or a machine on which dozens of processes start at the
 * same moment.
 */
const BOUNDS = { connect_timeout: [1, 60], pool_size: [1, 50], statement_timeout: [1000, 600_000] } as const;
const DEFAULTS = { connect_timeout: 10, pool_size: 5, statement_timeout: 30_000 } as const;

/** Longer than the server lets a statement run; then nobody is there who would answer, ms. */
const ANSWER_MARGIN = 5000;

/** A connection that is silent for so long is asked whether it still lives, ms. */
const KEEPALIVE_AFTER = 5000;

const TLS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation'] as const;
const KNOWN: readonly string[] = [...Object.keys(BOUNDS), ...TLS, 'application_name', 'options', 'host', 'port'];

/**
 * Reads `LWI_DATABASE_URL`; `source` names it in errors. What the URL leaves open and what `around` may say: the password alone. Nothing is
 * connected yet. Throws USAGE and CONFIG_INVALID, without the URL, which may have a password.
 */
export function connectionSettings(
  text: string,
  source: string,
  around: Surroundings = NO_SURROUNDINGS,
): ConnectionSettings {
  const parts = urlParts(text, source, around);
  const { user, host, port, database, parameters } = parts;
  assertKnown(parameters, source);
  const bound = (name: keyof typeof BOUNDS) => numberOf(parameters, name, source);
  const { protection, ssl, warning } = tlsSettings(host, parameters, source);
  const statementMs = bound('statement_timeout');
  const session = Object.entries(SESSION).map(([name, value]) => `-c ${name}=${value}`);
  return {
    place: placeOf(parts),
    protection,
    source,
    loginHint: () => loginHint(parts, source, around),
    ...(warning === undefined ? {} : { warning }),
    driver: {
      // All that the driver would else take from PG… variables of the process.
      ...{ host, port, user, database, ssl, client_encoding: 'UTF8' },
      sslnegotiation: parameters.get('sslnegotiation') === 'direct' && ssl !== false ? 'direct' : 'postgres',
      // Asked for by each connection, so that a new one in the file is seen.
      password: async () => passwordOf(parts, source, around),
      application_name: parameters.get('application_name') ?? 'lwi',
      max: bound('pool_size'),
      connectionTimeoutMillis: bound('connect_timeout') * 1000,
      statement_timeout: statementMs,
      query_timeout: statementMs + ANSWER_MARGIN,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER,
      // What comes later counts.
      options: [...(parameters.has('options') ? [parameters.get('options')] : []), ...session].join(' '),
      // A command that has nothing else to do ends, whatever is open.
      allowExitOnIdle: true,
    },
  };
}

function placeOf({ user, host, port, database }: UrlParts): string {
  const name = encodeURIComponent(database);
  if (host.startsWith('/'))
    return `postgres://${encodeURIComponent(user)}@/${name}?host=${host}${port === DEFAULT_PORT ? '' : `&port=${port}`}`;
  return `postgres://${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}:${port}/${name}`;
}

/** Names alone are told, and only such as a person may have meant: anything else may be a part of a password. */
function assertKnown(parameters: UrlParts['parameters'], source: string): void {
  for (const name of parameters.keys()) {
    if (KNOWN.includes(name)) continue;
    const shown = /^[a-z][a-z_]{2,40}$/.test(name) ? ` ${name}` : '';
    const hint = `Parameters are ${KNOWN.join(', ')}.`;
    throw new LwiError('USAGE', `${source}: lwi does not know the parameter${shown}.`, { hint });
  }
}

function numberOf(parameters: UrlParts['parameters'], name: keyof typeof BOUNDS, source: string): number {
  const text = parameters.get(name);
  if (text === undefined) return DEFAULTS[name];
  const [least, most] = BOUNDS[name];
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new LwiError('USAGE', `${source}: ${name} is a whole number from ${least} to ${most}.`, {
    hint: `Correct ${name} in the URL, or leave it out: then it is ${DEFAULTS[name]}.`,
  });
}

/** Asked for when the server asks. Throws STORE_REFUSED where there is none. */
function passwordOf(parts: UrlParts, source: string, around: Surroundings): string {
  const found = parts.password ?? (around.environment['PGPASSWORD'] || passwordFromFile(parts, around));
  if (found) return found;
  throw new LwiError('STORE_REFUSED', `${placeOf(parts)}: the database asks for a password, and nobody gives one.`, {
    hint: `Write it into ${source}, or give it by PGPASSWORD or in the file PGPASSFILE (\`~/.pgpass\`).`,
  });
}

/** Names who gave the password that was refused, where any was asked for. */
function loginHint(parts: UrlParts, source: string, around: Surroundings): string {
  if (parts.password !== undefined) return `Check user, password and database in ${source}.`;
  const elsewhere = around.environment['PGPASSWORD'] ? 'PGPASSWORD' : fileWithPassword(parts, around);
  return `Check user and database in ${source}${elsewhere === undefined ? '' : `, and the password in ${elsewhere}`}.`;
}

function fileWithPassword(parts: UrlParts, around: Surroundings): string | undefined {
  try {
    return passwordFromFile(parts, around) === undefined ? undefined : passwordFilePath(around);
  } catch {
    return undefined;
  }
}
