import { formatBytes } from '../../src/byte-size.ts';
import { formatSpan } from '../../src/span.ts';
import type { ServerStanding, StoreStanding } from '../../src/store/standing.ts';
import { renderPairs, renderTable } from '../../src/table.ts';

/** Beyond it, machines and database disagree about what has passed, ms. */
const CLOCKS_APART = 2000;

/** The document of `lwi store status`. */
export function standingDocument({ schema, server, tables, ...standing }: StoreStanding): object {
  return {
    ...standing,
    state: stateOf(schema),
    schemaVersion: schema.version,
    neededVersion: schema.needed,
    compatibleWith: schema.compatibleWith,
    tables: tables.map(({ name, rows, bytes }) => ({ name, rows, ...(bytes > 0 ? { bytes } : {}) })),
    ...(server ? { server } : {}),
  };
}

/** The same for people. */
export async function standingLines(standing: StoreStanding, width: number | undefined): Promise<string[]> {
  const { engine, place, schema, sizeBytes, server, tables } = standing;
  const pairs: (readonly [string, string])[] = [
    ['engine', engine],
    ['place', place],
    ['schema', schemaWords(schema)],
    ['size', formatBytes(sizeBytes)],
    ...(server ? serverPairs(server) : []),
  ];
  const filled = tables.filter(({ rows }) => rows > 0);
  const lines = renderPairs(pairs, width);
  if (server) lines.push('', ...connectionLines(server, width));
  if (filled.length > 0) lines.push('', ...tableLines(filled, width));
  return lines;
}

/** What a person should do something about, each with the next step. */
export function standingNotes({ schema, server }: StoreStanding): string[] {
  const notes: string[] = [];
  const state = stateOf(schema);
  if (state === 'absent') {
    const also = server
      ? '`lwi store migrate` makes it, and so does the first `lwi connect`'
      : 'the first `lwi connect` makes it';
    notes.push(`there is no database of lwi yet; ${also}`);
  }
  if (state === 'outdated') notes.push('this lwi needs a newer schema; run `lwi store migrate`');
  if (state === 'too-new') notes.push('this lwi is too old for the schema; install the newer one');
  if (!server) return notes;
  const open = server.connections.reduce((sum, each) => sum + each.open, 0);
  if (server.rights === 'superuser')
    notes.push('this role may do anything; `lwi store migrate --grant-to <role>` lets one work that may do no more');
  if (server.standby) notes.push('this server is a standby and takes no changes');
  if (open > server.maxConnections * 0.8) notes.push(`${open} of ${server.maxConnections} connections are in use`);
  if (Math.abs(server.clockAheadMs) > CLOCKS_APART) {
    notes.push(`the clocks of this machine and of the server are ${formatSpan(Math.abs(server.clockAheadMs))} apart`);
  }
  return notes;
}

function stateOf({ version, needed, compatibleWith }: StoreStanding['schema']) {
  if (version === 0) return 'absent';
  if (compatibleWith > needed) return 'too-new';
  return version < needed ? 'outdated' : 'current';
}

function schemaWords(schema: StoreStanding['schema']): string {
  const { version, needed, compatibleWith } = schema;
  if (version === 0) return `none yet; this lwi needs ${needed}`;
  const others = compatibleWith < version ? `; programs for ${compatibleWith} and later may use it` : '';
  return version === needed ? `${version}${others}` : `${version}, this lwi has ${needed}${others}`;
}

function serverPairs(server: ServerStanding): (readonly [string, string])[] {
  const { protection, tls, role, rights, standby, behindMs, followers, clockAheadMs, maxConnections, connections } =
    server;
  const open = connections.reduce((sum, each) => sum + each.open, 0);
  const follows = `standby${behindMs === undefined ? '' : `, ${formatSpan(behindMs)} behind`}`;
  const ahead =
    Math.abs(clockAheadMs) < 1 ? 'as here' : `${formatSpan(clockAheadMs)} ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
  return [
    ['TLS', tls === undefined ? 'none' : `${tls}, ${PROTECTIONS[protection] ?? protection}`],
    ['role', `${role}: ${RIGHTS[rights]}`],
    ['server', standby ? follows : `in charge${followers > 0 ? `, ${followers} following` : ''}`],
    ['clock', ahead],
    ['connections', `${open} of ${maxConnections}`],
  ];
}

const PROTECTIONS: Readonly<Record<string, string>> = {
  'verify-full': 'certificate and host checked',
  'verify-ca': 'certificate checked, host not',
  encrypted: 'nobody checked',
};

const RIGHTS: Readonly<Record<ServerStanding['rights'], string>> = {
  superuser: 'may do anything',
  owner: 'works, and changes the schema',
  worker: 'works, and no more',
  none: 'may not use the tables of lwi',
};

function connectionLines({ connections, waiting }: ServerStanding, width: number | undefined): string[] {
  const right = { align: 'right' as const };
  const lines = renderTable<ServerStanding['connections'][number]>(
    [
      { heading: 'connected', cell: ({ application }) => application },
      { heading: 'from', cell: ({ host }) => host },
      { heading: 'open', cell: ({ open }) => String(open), ...right },
      { heading: 'busy', cell: ({ busy }) => String(busy), ...right },
    ],
    connections,
    width ?? Number.POSITIVE_INFINITY,
  );
  const blocked = waiting.map(
    ({ pid, host, waitsMs, blockedBy }) =>
      `session ${pid} from ${host} waits ${formatSpan(waitsMs)} for ${blockedBy.join(', ')}`,
  );
  return [...lines, ...blocked];
}

function tableLines(tables: StoreStanding['tables'], width: number | undefined): string[] {
  const right = { align: 'right' as const };
  return renderTable<StoreStanding['tables'][number]>(
    [
      { heading: 'table', cell: ({ name }) => name },
      { heading: 'rows', cell: ({ rows }) => String(rows), ...right },
      { heading: 'size', cell: ({ bytes }) => (bytes > 0 ? formatBytes(bytes) : ''), ...right },
    ],
    tables,
    width ?? Number.POSITIVE_INFINITY,
  );
}
