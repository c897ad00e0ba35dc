import type { Context } from '../../src/context.ts';
import { accountOption, LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';
import { wholeNumber } from '../shared/whole-number.ts';
import type { RecordChoice } from './record-choice.ts';
import { DELETED, nothingFound, type RowFilter, type RowOptions, rowFilter, SET_ASIDE, SINCE } from './row-options.ts';

interface Options extends RowOptions {
  readonly limit?: string;
}

/** As many rows as a person looks through, and as many as a table in memory may have. */
const SHOWN_ROWS = 50;
const MOST_ROWS = 10_000;

export const define: Define = (parent, run) => {
  parent
    .command('list [provider] [entity]')
    .description(`a table of ${SHOWN_ROWS} records; under --json all of them, one a line`)
    .option(...SINCE)
    .option(...DELETED)
    .option(...SET_ASIDE)
    .option('--limit <n>', 'no more rows than this')
    .action(run(listRecords));
};

async function listRecords(context: Context, options: Options, id?: string, entity?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const { chooseRecords, nothingPulled } = await import('./record-choice.ts');
  const limit = options.limit === undefined ? undefined : wholeNumber(options.limit, '--limit', 1);
  const filter = {
    ...(await rowFilter(options, clock.now())),
    limit: limit ?? (terminal.json ? undefined : SHOWN_ROWS),
  };
  const account = await context.namedAccount();
  const choice = await chooseRecords(context, { account, provider: id, entity });
  if (terminal.json) return writeLines(context, choice, filter);
  if (limit !== undefined && limit > MOST_ROWS) {
    throw new LwiError('USAGE', `--limit takes at most ${MOST_ROWS} for a table.`, {
      hint: 'Run `lwi records export`, or add --json.',
    });
  }
  const unnamed = [
    ...(id === undefined ? ['provider' as const] : []),
    ...(entity === undefined ? ['entity' as const] : []),
  ];
  const shown = await showTable(context, choice, filter, unnamed);
  if (shown === 0) return void terminal.info(nothingFound(options) ?? nothingPulled(account, id, entity));
  if (shown < (limit ?? SHOWN_ROWS)) return;
  const total = await count(choice, filter);
  if (total > shown)
    terminal.info(
      `note: ${shown} of ${total} shown; --limit <n> shows more, \`${exportCommand(options, account, id, entity)}\` gives all.`,
    );
}

async function writeLines(context: Context, choice: RecordChoice, filter: RowFilter): Promise<undefined> {
  const { jsonLines } = await import('./chosen-rows.ts');
  const { openRowOutput } = await import('./row-output.ts');
  const output = await openRowOutput(context, undefined);
  await output.writeAll(jsonLines(choice, filter));
  output.done();
}

/** How many rows there were. */
async function showTable(
  { terminal, signal }: Context,
  choice: RecordChoice,
  filter: RowFilter,
  whose: readonly ('provider' | 'entity')[],
): Promise<number> {
  const { chosenRecords, chosenSetAside } = await import('./chosen-rows.ts');
  const { recordTable, setAsideTable } = await import('./record-table.ts');
  if (filter.setAside) {
    const rows = await collect(chosenSetAside(choice, filter), signal);
    if (rows.length > 0) terminal.out(...setAsideTable(rows, { width: terminal.width, whose }));
    return rows.length;
  }
  const rows = await collect(chosenRecords(choice, filter), signal);
  const [one] = rows;
  const same = one && rows.every(({ provider, entity }) => provider === one.provider && entity === one.entity);
  const columns = same ? await choice.columnsOf(one) : {};
  if (one) terminal.out(...recordTable(rows, { columns, state: filter.deleted, width: terminal.width, whose }));
  return rows.length;
}

/** Looks at every row, so it is asked only where more may be there than is shown. */
async function count({ store, lists }: RecordChoice, { since, deleted, setAside }: RowFilter): Promise<number> {
  let total = 0;
  for (const list of store ? lists : []) {
    const counts = await store?.recordCounts(list, since);
    if (counts) total += setAside ? counts.setAside : counts.live + (deleted ? counts.deleted : 0);
  }
  return total;
}

function exportCommand(options: Options, account: string | undefined, ...words: (string | undefined)[]): string {
  const { since, deleted, setAside } = options;
  const flags = [since && `--since ${since}`, deleted && '--deleted', setAside && '--set-aside'];
  return ['lwi records export', ...words, ...flags].filter(Boolean).join(' ') + accountOption(account);
}

async function collect<Row>(rows: AsyncIterable<Row>, signal: AbortSignal): Promise<Row[]> {
  const read: Row[] = [];
  for await (const row of rows) {
    signal.throwIfAborted();
    read.push(row);
  }
  return read;
}
