import { LwiError } from '../../errors.ts';
import { isLoopbackHost } from '../../loopback-host.ts';
import { modeOpenToOthers } from '../../open-to-others.ts';
import { readBounded } from '../../read-bounded.ts';
import type { DriverSettings } from './driver.ts';

/** How a connection is kept from others, weakest first: not at all; from those who only listen; from those who pose as the server, too. */
export type Protection = 'none' | 'encrypted' | 'verify-ca' | 'verify-full';

export interface TlsSettings {
  readonly protection: Protection;
  readonly ssl: NonNullable<DriverSettings['ssl']>;
  /** What a person should know about it; a sentence. */
  readonly warning?: string;
}

/** The parameters of libpq that it obeys (https://www.postgresql.org/docs/current/libpq-ssl.html). `prefer` and `allow` are not among the modes: they go on without TLS where somebody in between says that there is none. */
const MODES: Readonly<Record<string, Protection>> = {
  disable: 'none',
  require: 'encrypted',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/** Largest certificate file, bytes: bundles of all authorities have about 250 KB. */
const LARGEST = 1024 * 1024;

/**
 * TLS for a host: verified in full unless `sslmode` says otherwise, none on sockets, and on loopback where no certificate is named. Certificates of authorities are those of Node and of
 * NODE_EXTRA_CA_CERTS, or those in `sslrootcert`. `source` names the URL in errors. Throws USAGE.
 */
export function tlsSettings(host: string, parameters: ReadonlyMap<string, string>, source: string): TlsSettings {
  const socket = host.startsWith('/');
  const local = socket || isLoopbackHost(host);
  const files = FILES.filter((name) => parameters.has(name));
  if (socket && files[0]) {
    const hint = 'Nobody is in between on a socket. Name an address to use TLS.';
    throw new LwiError('USAGE', `${source}: ${files[0]} is for TLS, which a socket does not have.`, { hint });
  }
  // Whoever names certificates wants them to be used, also on loopback.
  const mode = parameters.get('sslmode') ?? (local && files.length === 0 ? 'disable' : 'verify-full');
  const known = MODES[mode];
  if (known === undefined) {
    const hint = `Modes are ${Object.keys(MODES).join(', ')}.`;
    throw new LwiError('USAGE', `${source}: lwi does not have this sslmode.`, { hint });
  }
  if (known === 'none' || socket) return { protection: 'none', ssl: false, ...(local ? {} : { warning: OPEN }) };
  const root = parameters.get('sslrootcert');
  // As libpq does it: whoever names an authority wants it to be looked at.
  const protection = known === 'encrypted' && root !== undefined ? 'verify-ca' : known;
  const file = (name: string) => {
    const path = parameters.get(name);
    return path === undefined ? undefined : fileOf(path, `${name} in ${source}`);
  };
  const ssl = {
    rejectUnauthorized: protection !== 'encrypted',
    ...(protection === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(root === undefined || root === 'system' ? {} : { ca: file('sslrootcert') }),
    ...(parameters.has('sslcert') ? { cert: file('sslcert') } : {}),
    ...(parameters.has('sslkey') ? { key: keyOf(parameters.get('sslkey') ?? '', `sslkey in ${source}`) } : {}),
  };
  return { protection, ssl, ...(protection === 'encrypted' ? { warning: UNVERIFIED } : {}) };
}

const OPEN =
  'the connection to the database is not encrypted (sslmode=disable): whoever is in between reads and changes everything';
const UNVERIFIED = 'nobody checks that the database is the one that is meant (sslmode=require); verify-full does';

function fileOf(path: string, name: string): string {
  const bytes = readBounded(path, LARGEST);
  if (bytes === undefined) throw new LwiError('USAGE', `${name}: there is no file ${path}.`);
  return new TextDecoder().decode(bytes);
}

function keyOf(path: string, name: string): string {
  const key = fileOf(path, name);
  const mode = modeOpenToOthers(path);
  if (mode === undefined) return key;
  throw new LwiError('USAGE', `${name}: ${path} is open to others (mode ${mode}).`, {
    hint: `Run \`chmod 600 ${path}\`.`,
  });
}
