import type { Context } from '../src/context.ts';
import { connectCommand } from '../src/oauth/connect-command.ts';
import { formatSpan } from '../src/span.ts';
import type { ConnectionRow, Store } from '../src/store/store.ts';
import type { Define } from './shared/define.ts';
import { paintHealth } from './shared/health.ts';
import { refreshEndNotice } from './shared/refresh-end.ts';
import { iso, when } from './shared/when.ts';

export const define: Define = (parent, run) => {
  parent
    .command('status')
    .description('show every connection and its health, without network or keychain')
    .action(run(statusCommand));
};

async function statusCommand(context: Context): Promise<undefined> {
  const { terminal, clock } = context;
  const store = await context.existingStore();
  const rows = await context.existingConnections();
  const entries = store ? await Promise.all(rows.map((row) => statusOf(context, store, row))) : [];
  if (terminal.json) return void terminal.document(entries.map(({ row: _row, ...entry }) => entry));
  if (entries.length === 0) {
    terminal.info('Nothing is connected yet. Run `lwi connect <provider>`, or `lwi demo` to see how it goes.');
    return;
  }
  const { renderTable } = await import('../src/table.ts');
  const now = clock.now();
  type Entry = (typeof entries)[number];
  const lines = renderTable<Entry>(
    [
      { heading: 'provider', cell: (entry) => entry.provider },
      { heading: 'account', cell: (entry) => entry.account },
      { heading: 'env', cell: (entry) => entry.env },
      { heading: 'company', cell: (entry) => entry.externalName ?? entry.externalId ?? '' },
      { heading: 'token', cell: (entry) => paintHealth(entry.health, terminal.style) },
      {
        heading: 'expires',
        cell: (entry) => (entry.row.token.expiresAt === undefined ? 'never' : when(entry.row.token.expiresAt, now)),
      },
      { heading: 'last sync', cell: (entry) => lastSync(entry, now) },
      { heading: 'records', cell: (entry) => (entry.records > 0 ? String(entry.records) : ''), align: 'right' },
      { heading: 'rate left', cell: (entry) => rateLeft(entry.rateLeft), align: 'right' },
      { heading: 'circuit', cell: (entry) => (entry.circuit === 'closed' ? '' : terminal.style.bad(entry.circuit)) },
      { heading: 'endpoints', cell: (entry) => (entry.endpointsOverridden ? terminal.style.warn('from config') : '') },
    ],
    entries,
    terminal.width,
  );
  terminal.out(...lines);
  for (const { row } of entries) {
    if (row.state === 'reconnect') terminal.info(`${row.account}/${row.provider}: run ${connectCommand(row)}`);
    const notice = refreshEndNotice(row, now);
    if (notice) terminal.warn(`${row.account}/${row.provider}: ${notice}`);
  }
}

/** One row of the table; also the JSON, without `row`. */
async function statusOf(context: Context, store: Store, row: ConnectionRow) {
  const { healthOf } = await import('../src/oauth/token-set.ts');
  const summary = await store.syncSummary({
    account: row.account,
    provider: row.provider,
    externalId: row.externalId ?? '',
  });
  const overrides = (await context.config()).endpoints?.[row.provider];
  const provider = await context.provider(row.provider).catch(() => undefined);
  const endpoints = provider && (await context.endpoints(provider, row.env));
  const { circuitScope } = await import('../src/http/circuit-breaker.ts');
  const circuit = endpoints && (await store.circuit(circuitScope(row.provider, endpoints.apiBaseUrl))).state;
  return {
    provider: row.provider,
    account: row.account,
    env: row.env,
    externalId: row.externalId,
    externalName: row.externalName,
    health: healthOf(row, context.clock.now()),
    expiresAt: iso(row.token.expiresAt),
    refreshExpiresAt: iso(row.token.refreshExpiresAt),
    refreshHardExpiresAt: iso(row.token.refreshHardExpiresAt),
    lastSyncAt: iso(summary.lastRunAt),
    lastSyncOutcome: summary.lastOutcome,
    records: summary.records,
    circuit: circuit ?? 'closed',
    rateLeft: await tightestLimit(store, row),
    endpointsOverridden: overrides !== undefined,
    row,
  };
}

/** The limit with the least room of those that were used; undefined where none was. */
async function tightestLimit(store: Store, row: ConnectionRow) {
  const { connectionName } = await import('../src/connection.ts');
  const states = await store.limitStates([connectionName(row)]);
  const [tightest] = states.toSorted((a, b) => a.free / a.permits - b.free / b.permits || b.nextInMs - a.nextInMs);
  if (tightest === undefined) return undefined;
  const { name, free, permits, nextInMs } = tightest;
  return { limit: name, free, of: permits, nextInMs };
}

/** `12/500`; where nothing is left, how long that lasts. */
function rateLeft(left: Awaited<ReturnType<typeof tightestLimit>>): string {
  if (left === undefined) return '';
  return left.nextInMs > 0 ? `0, next in ${formatSpan(left.nextInMs)}` : `${left.free}/${left.of}`;
}

function lastSync(
  { lastSyncAt, lastSyncOutcome }: { lastSyncAt: string | undefined; lastSyncOutcome: string | undefined },
  now: number,
): string {
  if (lastSyncAt === undefined) return '';
  return `${when(Date.parse(lastSyncAt), now)}${lastSyncOutcome === 'done' ? '' : ` (${lastSyncOutcome})`}`;
}
