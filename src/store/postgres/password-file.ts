import { join } from 'node:path';
import { LwiError } from '../../errors.ts';
import { modeOpenToOthers } from '../../open-to-others.ts';
import { readBounded } from '../../read-bounded.ts';
import type { Surroundings } from './surroundings.ts';
import type { UrlParts } from './url-parts.ts';

/** Largest password file, bytes. */
const LARGEST = 1024 * 1024;

type Identity = Pick<UrlParts, 'host' | 'port' | 'database' | 'user'>;

/**
 * The password of a server in PGPASSFILE or `~/.pgpass`, by the first line that fits (https://www.postgresql.org/docs/current/libpq-pgpass.html). Undefined
 * where no line does. Throws STORE_REFUSED for a file that is open to others, which libpq passes over.
 */
export function passwordFromFile(of: Identity, around: Surroundings): string | undefined {
  const path = passwordFilePath(around);
  const bytes = readBounded(path, LARGEST);
  if (bytes === undefined) return undefined;
  const mode = modeOpenToOthers(path);
  if (mode !== undefined) {
    const hint = `Run \`chmod 600 ${path}\`.`;
    throw new LwiError('STORE_REFUSED', `The password file ${path} is open to others (mode ${mode}).`, { hint });
  }
  // A socket is found under localhost, as libpq has it.
  const wanted = [of.host.startsWith('/') ? 'localhost' : of.host, String(of.port), of.database, of.user];
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const password = fields[4];
    if (password && wanted.every((value, index) => fields[index] === '*' || fields[index] === value)) return password;
  }
  return undefined;
}

/** Where that file is, or would be. */
export const passwordFilePath = ({ environment, homedir }: Surroundings): string =>
  environment['PGPASSFILE'] || join(homedir(), '.pgpass');

/** `host:port:database:user:password`, in which `\:` and `\\` stand for the characters themselves. */
function fieldsOf(line: string): string[] {
  return (line.match(/(?:^|:)((?:\\.|[^:\\])*)/g) ?? []).map((field, index) =>
    (index === 0 ? field : field.slice(1)).replace(/\\(.)/g, '$1'),
  );
}
