import type { LwiError } from '../../src/errors.ts';
import type { EntityOutcome, SyncReport } from '../../src/sync/sync-connection.ts';
import type { RecordableContext } from '../shared/recordable.ts';

/** A run's report, or why there was none. */
export type SyncOutcome = Pick<SyncReport, 'provider' | 'account' | 'entities'> &
  Partial<SyncReport> & { readonly error?: LwiError };

/** The report of the contract; errors as their JSON. */
export function plainReport(outcome: SyncOutcome | undefined): unknown {
  if (!outcome) return undefined;
  const entities = outcome.entities.map((entity) => ({ ...entity, error: entity.error?.toJSON() }));
  return { ...outcome, entities, error: outcome.error?.toJSON() };
}

type Row = Partial<EntityOutcome> & { provider: string };

/** The closing table. */
export async function showTable({ terminal }: RecordableContext, outcomes: readonly SyncOutcome[]): Promise<void> {
  const { renderTable } = await import('../../src/table.ts');
  const { style } = terminal;
  const rows = rowsOf(outcomes);
  const count = (heading: string, cell: (row: Row) => number | undefined) => ({
    heading,
    cell: (row: Row) => cell(row)?.toLocaleString('en-US') ?? '',
    align: 'right' as const,
  });
  const columns = [
    { heading: 'provider', cell: (row: Row) => row.provider },
    { heading: 'entity', cell: (row: Row) => row.entity ?? '' },
    count('changed', (row) => row.upserted),
    { ...count('same', (row) => row.unchanged), spare: 2 },
    count('deleted', (row) => row.deleted),
    {
      heading: 'set aside',
      cell: (row: Row) => (row.rejected ? style.warn(row.rejected.toLocaleString('en-US')) : ''),
      align: 'right' as const,
    },
    { ...count('requests', (row) => row.requests), spare: 1 },
    {
      heading: 'outcome',
      cell: ({ error }: Row) => (error ? style.bad(error.code) : style.good('done')),
    },
  ];
  terminal.out(...renderTable(columns, rows, terminal.tableWidth));
}

/** What the sources could not see, each sentence once. */
export function showNotes({ terminal }: RecordableContext, outcomes: readonly SyncOutcome[]): void {
  const notes = new Map<string, string[]>();
  for (const { provider, entity = '', coverage = [] } of rowsOf(outcomes)) {
    for (const sentence of coverage) notes.set(sentence, [...(notes.get(sentence) ?? []), `${provider} ${entity}`]);
  }
  for (const [sentence, where] of notes)
    terminal.info(`note: ${where.length > 3 ? `${where.length} entities` : where.join(', ')}: ${sentence}`);
}

function rowsOf(outcomes: readonly SyncOutcome[]): Row[] {
  return outcomes.flatMap(({ provider, entities, error }): Row[] =>
    error ? [{ provider, error }] : entities.map((entity) => ({ ...entity, provider })),
  );
}
