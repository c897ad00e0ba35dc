import { type ConnectionKey, connectionName } from '../src/connection.ts';
import type { Context } from '../src/context.ts';
import { connectCommand } from '../src/oauth/connect-command.ts';
import { formatSpan } from '../src/span.ts';
import type { InboxCount } from '../src/store/inbox.ts';
import type { JobCount } from '../src/store/job-counts.ts';
import type { LimitState } from '../src/store/permits.ts';
import type { CircuitRow, ConnectionRow, Store } from '../src/store/store.ts';
import type { SyncSummary } from '../src/store/sync-tables.ts';
import type { Define } from './shared/define.ts';
import { paintHealth } from './shared/health.ts';
import { jobColumns } from './shared/job-table.ts';
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
  const of = await context.namedAccount();
  const ofAccount = ({ account }: ConnectionKey) => of === undefined || account === of;
  // What is asked for at once takes one round trip to a server.
  const asked = [context.existingConnections(), store?.inboxCounts() ?? [], store?.jobCounts()] as const;
  const [rows, allCounts, allJobs] = await Promise.all(asked);
  const [counts, jobs] = [allCounts.filter(ofAccount), allJobs?.filter(ofAccount)];
  const entries = store ? await entriesOf(context, store, rows, { counts, jobs }) : [];
  if (terminal.json) return void terminal.document(entries.map(({ row: _row, ...entry }) => entry));
  if (entries.length === 0) {
    terminal.info('Nothing is connected yet. Run `lwi connect <provider>`, or `lwi demo` to see how it goes.');
    tellStrays(context, rows, counts);
    return tellJobs(context, jobs);
  }
  const { renderTable } = await import('../src/table.ts');
  const now = clock.now();
  const lines = renderTable<(typeof entries)[number]>(
    [
      { heading: 'provider', cell: (entry) => entry.provider },
      { heading: 'account', cell: (entry) => entry.account },
      { heading: 'env', cell: (entry) => entry.env },
      { heading: 'company', cell: (entry) => entry.externalName ?? entry.externalId ?? '', least: 10, spare: 3 },
      { heading: 'token', cell: (entry) => paintHealth(entry.health, terminal.style) },
      {
        heading: 'expires',
        cell: (entry) => (entry.row.token.expiresAt === undefined ? 'never' : when(entry.row.token.expiresAt, now)),
      },
      { heading: 'last sync', cell: (entry) => lastSync(entry, now) },
      {
        heading: 'records',
        cell: (entry) => (entry.records > 0 ? String(entry.records) : ''),
        align: 'right',
        spare: 2,
      },
      { heading: 'webhooks', cell: (entry) => webhooks(entry) },
      { heading: 'rate left', cell: (entry) => rateLeft(entry.rateLeft), align: 'right', spare: 1 },
      { heading: 'circuit', cell: (entry) => (entry.circuit === 'closed' ? '' : terminal.style.bad(entry.circuit)) },
      { heading: 'endpoints', cell: (entry) => (entry.endpointsOverridden ? terminal.style.warn('from config') : '') },
    ],
    entries,
    terminal.tableWidth,
  );
  terminal.out(...lines);
  for (const { row } of entries) {
    if (row.state === 'reconnect') terminal.info(`${row.account}/${row.provider}: run ${connectCommand(row)}`);
    const notice = refreshEndNotice(row, now);
    if (notice) terminal.warn(`${row.account}/${row.provider}: ${notice}`);
  }
  tellStrays(context, rows, counts);
  return tellJobs(context, jobs);
}

/** Jobs, also those of no connection: a table of its own, as the first one is full. */
async function tellJobs({ terminal, clock }: Context, jobs: readonly JobCount[] = []): Promise<undefined> {
  if (jobs.length === 0) return;
  const { renderTable } = await import('../src/table.ts');
  terminal.out('', ...renderTable(jobColumns(clock.now()), jobs, terminal.tableWidth));
  if (jobs.some(({ waiting, attended }) => waiting > 0 && !attended))
    terminal.warn('Jobs wait, and nobody does them: run `lwi serve` on a machine of this database.');
}

/** What waits and has failed, over all connections; jobs: where the database has a queue of them. */
interface Counted {
  readonly counts: readonly InboxCount[];
  readonly jobs: readonly JobCount[] | undefined;
}

/** Webhooks that no row of the table counts. */
function tellStrays({ terminal }: Context, rows: readonly ConnectionKey[], counts: readonly InboxCount[]): void {
  const known = new Set(rows.map(connectionName));
  const strays = counts.filter((count) => !known.has(connectionName(count)));
  const sum = (of: 'received' | 'failed') => strays.reduce((total, count) => total + count[of], 0);
  const said = webhooks({ waitingWebhooks: sum('received'), failedWebhooks: sum('failed') });
  if (said !== '') terminal.info(`webhooks of no connection above: ${said}; \`lwi webhook list\` shows them`);
}

async function entriesOf(context: Context, store: Store, rows: readonly ConnectionRow[], counted: Counted) {
  const { circuitScope } = await import('../src/http/circuit-breaker.ts');
  const known = [];
  for (const row of rows) {
    const provider = await context.provider(row.provider).catch(() => undefined);
    const endpoints = provider && (await context.endpoints(provider, row.env));
    known.push({ row, circuit: endpoints && circuitScope(row.provider, endpoints.apiBaseUrl) });
  }
  const found = known.map(async ({ row, circuit }) => {
    const { account, provider, externalId = '' } = row;
    const asked = [
      store.syncSummary({ account, provider, externalId }),
      circuit === undefined ? undefined : store.circuit(circuit),
      store.limitStates([connectionName(row)]),
    ] as const;
    return Promise.all(asked);
  });
  const all = await Promise.all(found);
  return Promise.all(all.map((facts, at) => statusOf(context, rows[at] as ConnectionRow, facts, counted)));
}

type Facts = readonly [SyncSummary, CircuitRow | undefined, readonly LimitState[]];

/** One row of the table; also the JSON, without `row`. */
async function statusOf(
  context: Context,
  row: ConnectionRow,
  [summary, circuit, limits]: Facts,
  { counts, jobs }: Counted,
) {
  const { healthOf } = await import('../src/oauth/token-set.ts');
  const inbox = counts.find(({ account, provider }) => account === row.account && provider === row.provider);
  const overrides = (await context.config()).endpoints?.[row.provider];
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
    waitingWebhooks: inbox?.received ?? 0,
    failedWebhooks: inbox?.failed ?? 0,
    jobs: jobs
      ?.filter(({ account, provider }) => account === row.account && provider === row.provider)
      .map(({ kind, waiting, active, failed, oldestAt }) => ({
        kind,
        waiting,
        active,
        failed,
        oldestAt: iso(oldestAt),
      })),
    circuit: circuit?.state ?? 'closed',
    rateLeft: tightestLimit(limits),
    endpointsOverridden: overrides !== undefined,
    row,
  };
}

/** Shorter windows are renewed before anybody has read of them, ms. */
const LASTING_MS = 10_000;

/** The limit of which least is left in its window, of those that last; undefined where none was used yet. */
function tightestLimit(states: readonly LimitState[]) {
  const lasting = states.filter(({ perMs }) => perMs >= LASTING_MS);
  const left = (lasting.length > 0 ? lasting : states).map(({ name, permits, used, nextInMs }) => ({
    ...{ limit: name, left: Math.max(0, permits - used), of: permits, nextInMs },
  }));
  return left.toSorted((a, b) => a.left / a.of - b.left / b.of || b.nextInMs - a.nextInMs)[0];
}

/** Waits shorter than this are those of an even pace, ms. */
const NOTICED_MS = 1000;

/** `12/500`; where nothing may go for a while, how long that lasts. */
function rateLeft(tightest: ReturnType<typeof tightestLimit>): string {
  if (tightest === undefined) return '';
  const { left, of, nextInMs } = tightest;
  return nextInMs > NOTICED_MS ? `next in ${formatSpan(nextInMs)}` : `${left}/${of}`;
}

function webhooks({ waitingWebhooks, failedWebhooks }: { waitingWebhooks: number; failedWebhooks: number }): string {
  const parts = [waitingWebhooks > 0 && `${waitingWebhooks} waiting`, failedWebhooks > 0 && `${failedWebhooks} failed`];
  return parts.filter((part) => part !== false).join(', ');
}

function lastSync(
  { lastSyncAt, lastSyncOutcome }: { lastSyncAt: string | undefined; lastSyncOutcome: string | undefined },
  now: number,
): string {
  if (lastSyncAt === undefined) return '';
  return `${when(Date.parse(lastSyncAt), now)}${lastSyncOutcome === 'done' ? '' : ` (${lastSyncOutcome})`}`;
}
