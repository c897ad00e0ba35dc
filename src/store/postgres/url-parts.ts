import { userInfo } from 'node:os';
import { LwiError } from '../../errors.ts';
import type { Surroundings } from './surroundings.ts';

/** What a URL says, with its escapes undone. */
export interface UrlParts {
  readonly user: string;
  readonly password: string | undefined;
  /** A name, an address without brackets, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Where the server listens when nobody says it. */
export const DEFAULT_PORT = 5432;

/** Stands for the host where there is a user and no host, which only the URLs of PostgreSQL may have (`postgres://user@/database?host=/socket`). */
const NO_HOST = '_';

/** Longest URL that is read, characters. */
const LONGEST = 4096;

/** Those of libpq that would name another server or identity; `PGPASSWORD` and `PGPASSFILE` are for who the URL names (https://www.postgresql.org/docs/current/libpq-envars.html). */
const NAMED_ELSEWHERE = { host: 'PGHOST', port: 'PGPORT', user: 'PGUSER', database: 'PGDATABASE' } as const;

const LARGEST_PORT = 65_535;
const A_PORT = `A port is a number from 1 to ${LARGEST_PORT}. A socket has one too: postgres://user@/database?host=/dir&port=5433.`;

const ESCAPES = 'In user and password, characters such as @ : / ? # % are written as %40 %3A %2F %3F %23 %25.';

const ONE_NAME = `Behind the host comes the name of the database alone: postgres://user@host:5432/database. ${ESCAPES}`;
const ONE_HOST =
  'Write it before the path, or leave it out there and write `?host=`, which may also name the directory of a socket.';

/**
 * Reads the URL of a PostgreSQL database (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS). Throws USAGE without a word of
 * the URL: what is written wrong may be a part of the password.
 */
export function urlParts(text: string, source: string, { environment }: Surroundings): UrlParts {
  const refuse = (why: string, hint = ESCAPES) => new LwiError('USAGE', `${source}: ${why}.`, { hint });
  const whole = text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?#]|$)/i, `$1${NO_HOST}`);
  const url = text.length <= LONGEST && /^postgres(ql)?:\/\//i.test(text) && URL.canParse(whole) && new URL(whole);
  const portOf = (written: string) => {
    const port = /^\d{1,5}$/.test(written) ? Number(written) : 0;
    if (port < 1 || port > LARGEST_PORT) throw refuse('there is no such port', A_PORT);
    return port;
  };
  // No URL either, as the standard has it, but this is the reason.
  const [, beyond] = /^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]*:(\d+)(?=[/?#]|$)/i.exec(text) ?? [];
  if (beyond !== undefined) portOf(beyond);
  if (!url) throw refuse('is no URL of a PostgreSQL database: postgres://user@host:5432/database');
  // An @ behind the host belongs to a password that was not escaped, and what is taken for host and port are its beginning.
  if (url.hash !== '' || /@/.test(`${url.pathname}${url.search}`)) throw refuse('there is an @ or a # behind the host');
  const plain = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw refuse('there is a % that begins no escape');
    }
  };
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (parameters.has(name)) throw refuse('a parameter is there twice', 'Leave out one of the two.');
    parameters.set(name, value);
  }
  const database = plain(url.pathname.slice(1));
  if (database.includes('/')) throw refuse('there is more than one / behind the host', ONE_NAME);
  const named = url.hostname === NO_HOST ? '' : plain(url.hostname);
  if (named !== '' && parameters.has('host')) throw refuse('names the host twice', ONE_HOST);
  const host = named.replace(/^\[|\]$/g, '') || parameters.get('host') || '';
  if (host.includes(',')) {
    throw refuse('names several hosts', 'Name one host: an address or a DNS name that leads to the server in charge.');
  }
  const port = parameters.get('port') ?? url.port;
  if (parameters.has('port') && url.port !== '') throw refuse('names the port twice', A_PORT);
  const parts = { host, port, user: plain(url.username), database };
  for (const [part, variable] of Object.entries(NAMED_ELSEWHERE) as [keyof typeof parts, string][]) {
    if (parts[part] !== '' || !environment[variable]) continue;
    throw refuse(`names no ${part}, and ${variable} is set`, `Write the ${part} into the URL, or unset ${variable}.`);
  }
  parameters.delete('host');
  parameters.delete('port');
  const user = parts.user || userInfo().username;
  return {
    user,
    password: url.password === '' ? undefined : plain(url.password),
    host: host || 'localhost',
    port: port === '' ? DEFAULT_PORT : portOf(port),
    database: database || user,
    parameters,
  };
}
