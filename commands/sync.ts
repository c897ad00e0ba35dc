import { LwiError } from '../src/errors.ts';
import type { EntityOutcome, SyncReport } from '../src/sync/sync-connection.ts';
import { cassetteOptions, recordable } from './shared/cassette.ts';
import type { Define } from './shared/define.ts';
import type { Connected, RecordableContext } from './shared/recordable.ts';

interface Options {
  readonly since: string;
  readonly entity?: readonly string[];
}

export const define: Define = (parent, run) => {
  const command = parent
    .command('sync [provider]')
    .description('pull what changed into the local store')
    .option('--since <when>', 'a date, an ISO time, a span such as 7d, or last', 'last')
    .option('--entity <name...>', 'only these kinds of records');
  cassetteOptions(command).action(run(recordable(sync)));
};

async function sync(context: RecordableContext, options: Options, id?: string): Promise<number> {
  const { terminal, clock } = context;
  const { parseSince } = await import('../src/sync/since.ts');
  const since = parseSince(options.since, clock.now());
  const rows = id ? [await context.connection(id)] : await connectionsToSync(context);
  const reports: SyncReport[] = [];
  for (const row of rows) reports.push(await syncOne(context, row, options, since));
  if (terminal.json) terminal.document(id ? plain(reports[0]) : reports.map(plain));
  else await showReports(context, reports);
  const errors = reports.flatMap(({ entities }) => entities.flatMap(({ error }) => (error ? [error] : [])));
  const [first] = errors;
  if (!first) return 0;
  const worst = errors.reduce((a, b) => (b.exitCode > a.exitCode ? b : a), first);
  const failed = errors.length === 1 ? '' : ` (${errors.length} entities failed)`;
  throw new LwiError(worst.code, `${worst.message}${failed}`, { ...worst.facts, cause: worst });
}

async function connectionsToSync(context: RecordableContext): Promise<readonly Connected[]> {
  const { account, rows } = await context.connections();
  if (rows.length > 0) return rows;
  throw new LwiError('NOT_CONNECTED', `Account ${account} has no connection to sync.`, {
    account,
    hint: 'Run `lwi connect <provider>`.',
  });
}

async function syncOne(
  context: RecordableContext,
  row: Connected,
  { entity }: Options,
  since: number | undefined,
): Promise<SyncReport> {
  const { terminal } = context;
  const { startProgress } = await import('../src/progress.ts');
  const { syncOnce } = await import('./shared/sync-once.ts');
  const { title } = await context.provider(row.provider);
  const progress = await startProgress(terminal, `${title}: starting`);
  try {
    return await syncOnce(context, row, {
      ...{ kind: 'sync', entities: entity, since },
      observer: {
        page: (report) => {
          const seen = report.upserted + report.unchanged + report.deleted;
          const waited =
            report.throttledMs > 0 ? `, waited ${Math.round(report.throttledMs / 1000)} s for the limit` : '';
          progress.update(`${title}: ${report.entity} ${seen}${waited}`);
        },
      },
    });
  } finally {
    progress.stop();
  }
}

/** The report of the contract; an entity's error as its JSON. */
function plain(report: SyncReport | undefined): unknown {
  return (
    report && { ...report, entities: report.entities.map((entity) => ({ ...entity, error: entity.error?.toJSON() })) }
  );
}

async function showReports({ terminal }: RecordableContext, reports: readonly SyncReport[]): Promise<void> {
  const { renderTable } = await import('../src/table.ts');
  type Row = EntityOutcome & { provider: string };
  const rows = reports.flatMap(({ provider, entities }) => entities.map((entity): Row => ({ ...entity, provider })));
  const count = (heading: string, cell: (row: Row) => number) => ({
    heading,
    cell: (row: Row) => String(cell(row)),
    align: 'right' as const,
  });
  const columns = [
    { heading: 'provider', cell: (row: Row) => row.provider },
    { heading: 'entity', cell: (row: Row) => row.entity },
    count('changed', (row) => row.upserted),
    count('same', (row) => row.unchanged),
    count('deleted', (row) => row.deleted),
    {
      heading: 'set aside',
      cell: (row: Row) => (row.rejected > 0 ? terminal.style.warn(String(row.rejected)) : ''),
      align: 'right' as const,
    },
    count('requests', (row) => row.requests),
    {
      heading: 'outcome',
      cell: (row: Row) => (row.error ? terminal.style.bad(row.error.code) : terminal.style.good('done')),
    },
  ];
  terminal.out(...renderTable(columns, rows, terminal.width));
  const notes = new Map<string, string[]>();
  for (const { provider, entity, coverage } of rows) {
    for (const sentence of coverage) notes.set(sentence, [...(notes.get(sentence) ?? []), `${provider} ${entity}`]);
  }
  for (const [sentence, where] of notes)
    terminal.info(`note: ${where.length > 3 ? `${where.length} entities` : where.join(', ')}: ${sentence}`);
}
