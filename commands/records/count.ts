import type { Context } from '../../src/context.ts';
import type { RecordCounts, RecordList } from '../../src/store/record-tables.ts';
import type { Define } from '../shared/define.ts';
import { iso } from '../shared/when.ts';
import type { RecordChoice } from './record-choice.ts';
import { rowFilter, SINCE } from './row-options.ts';

interface Options {
  readonly since?: string;
}

type Entry = RecordList & RecordCounts;

export const define: Define = (parent, run) => {
  parent
    .command('count [provider] [entity]')
    .description('how many records of each entity are here, how many were deleted or set aside')
    .option(...SINCE)
    .action(run(countRecords));
};

async function countRecords(context: Context, options: Options, id?: string, entity?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const { chooseRecords, nothingPulled } = await import('./record-choice.ts');
  const { since } = await rowFilter(options, clock.now());
  const account = await context.namedAccount();
  const entries = await countAll(context, await chooseRecords(context, { account, provider: id, entity }), since);
  if (terminal.json) {
    const plain = ({ provider, account: of, externalId, entity: what, newest, ...counts }: Entry) => ({
      ...{ provider, account: of, externalId, entity: what, ...counts, newest: iso(newest) },
    });
    return void terminal.document(entries.map(plain));
  }
  if (entries.length === 0) return void terminal.info(nothingPulled(account, id, entity));
  const { renderTable } = await import('../../src/table.ts');
  const { differing } = await import('./differing-columns.ts');
  const right = { align: 'right' as const };
  const some = (count: number) => (count > 0 ? String(count) : '');
  const columns = [
    { heading: 'provider', cell: ({ provider }: Entry) => provider },
    ...differing(entries, ['account', 'company']),
    { heading: 'entity', cell: (entry: Entry) => entry.entity },
    { heading: 'live', cell: ({ live }: Entry) => String(live), ...right },
    { heading: 'deleted', cell: ({ deleted }: Entry) => some(deleted), ...right },
    {
      heading: 'set aside',
      cell: ({ setAside }: Entry) => (setAside > 0 ? terminal.style.warn(String(setAside)) : ''),
      ...right,
    },
    { heading: 'newest', cell: ({ newest }: Entry) => iso(newest)?.replace(/\.\d+/, '') ?? '' },
  ];
  terminal.out(...renderTable(columns, entries, terminal.tableWidth));
}

async function countAll(
  { signal, terminal, clock }: Context,
  { store, lists }: RecordChoice,
  since: number | undefined,
): Promise<readonly Entry[]> {
  const { lateProgress } = await import('../../src/late-progress.ts');
  const progress = lateProgress(terminal, clock);
  const entries: Entry[] = [];
  try {
    for (const list of store ? lists : []) {
      signal.throwIfAborted();
      progress.update(`counting ${list.provider} ${list.entity}`);
      const counts = await store?.recordCounts(list, since);
      if (counts) entries.push({ ...list, ...counts });
    }
  } finally {
    await progress.stop();
  }
  return entries;
}
