import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';
import { DELETED, nothingFound, type RowOptions, rowFilter, SET_ASIDE, SINCE } from './row-options.ts';

interface Options extends RowOptions {
  readonly format?: string;
  readonly output?: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('export [provider] [entity]')
    .description('all of it as JSON lines or CSV, in constant memory')
    .option(...SINCE)
    .option(...DELETED)
    .option(...SET_ASIDE)
    .option('--format <form>', 'jsonl or csv (default: jsonl; csv with -o <file>.csv)')
    .option('-o, --output <file>', 'write to a private file, replaced only when all is there; -: stdout')
    .action(run(exportRecords));
};

async function exportRecords(context: Context, options: Options, id?: string, entity?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const { chooseRecords, nothingPulled } = await import('./record-choice.ts');
  const filter = await rowFilter(options, clock.now());
  const format = formatOf(options, entity);
  const account = await context.namedAccount();
  const choice = await chooseRecords(context, { account, provider: id, entity });
  const columns = id !== undefined && entity !== undefined ? await choice.columnsOf({ provider: id, entity }) : {};
  const { csvLines, jsonLines } = await import('./chosen-rows.ts');
  const csv = format === 'csv' ? csvLines(choice, filter, columns) : undefined;
  const { openRowOutput } = await import('./row-output.ts');
  const output = await openRowOutput(context, options.output);
  let rows: number;
  try {
    if (csv) output.write(csv.heading);
    rows = await output.writeAll(csv?.lines ?? jsonLines(choice, filter));
    output.done();
  } finally {
    output.drop();
  }
  if (rows === 0) terminal.info(nothingFound(options) ?? nothingPulled(account, id, entity));
  const { output: file } = options;
  if (file === undefined || file === '-') return;
  if (terminal.json) terminal.document({ file, format, rows });
  else terminal.info(`wrote ${rows === 1 ? '1 row' : `${rows} rows`} to ${file}`);
}

/** Throws USAGE. */
function formatOf({ format, output }: Options, entity: string | undefined): 'jsonl' | 'csv' {
  const chosen = format ?? (/\.csv$/i.test(output ?? '') ? 'csv' : 'jsonl');
  if (chosen !== 'jsonl' && chosen !== 'csv') {
    throw new LwiError('USAGE', `--format takes jsonl or csv, not "${chosen}".`);
  }
  if (chosen === 'csv' && entity === undefined) {
    throw new LwiError('USAGE', 'CSV needs a provider and an entity, because each entity has columns of its own.', {
      hint: 'Name both, as in `lwi records export quickbooks invoices --format csv`, or take --format jsonl.',
    });
  }
  return chosen;
}
