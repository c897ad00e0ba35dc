import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { StorePlace } from '../../src/store/copy/open-sides.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly from?: string;
  readonly to?: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('copy')
    .description('copy the whole store into an empty one, and compare every row')
    .option('--from <url|file>', 'postgres://user@host/database, or a database file (default: the one in use)')
    .option('--to <url|file>', 'the same; made if it is not there (default: the one in use)')
    .action(run(copy));
};

async function copy(context: Context, options: Options): Promise<undefined> {
  const { terminal, clock, signal, host } = context;
  const { from, to } = await placesOf(context, options);
  const { openSides } = await import('../../src/store/copy/open-sides.ts');
  const { copyStore } = await import('../../src/store/copy/copy-store.ts');
  const { copyProgress } = await import('./copy-progress.ts');
  const { steadyHeap } = await import('../../src/sync/steady-heap.ts');
  steadyHeap();
  const began = clock.now();
  const progress = copyProgress(context);
  const around = { environment: host.env, homedir: host.homedir, warn: terminal.warn, waiting: progress.waiting };
  const sides = await openSides(from, to, around).finally(progress.stop);
  const { source, target } = sides;
  try {
    const { tables, resumed } = await copyStore(sides, { now: clock.now, signal, observe: progress.observe });
    await progress.stop();
    const tookMs = clock.now() - began;
    if (terminal.json) {
      return void terminal.document({ from: source.place, to: target.place, resumed, tables, tookMs });
    }
    const { tableLines } = await import('./copy-report.ts');
    terminal.out(...(await tableLines(tables, terminal.tableWidth)));
    const { formatSpan } = await import('../../src/span.ts');
    const rows = tables.reduce((sum, table) => sum + table.verified, 0);
    const took = formatSpan(Math.max(1000, Math.round(tookMs / 1000) * 1000));
    terminal.info(
      `${resumed ? 'went on; ' : ''}all ${rows.toLocaleString('en-US')} rows are the same in both, after ${took}`,
    );
    terminal.info(`Use one of the two from now on: a token that one of them refreshes is no longer good in the other.`);
  } finally {
    await progress.stop();
    await target.close().catch(() => {});
    await source.close().catch(() => {});
  }
}

/** Both places; one that is not named is the store in use. Throws USAGE when neither is named. */
async function placesOf(context: Context, { from, to }: Options): Promise<{ from: StorePlace; to: StorePlace }> {
  if (from === undefined && to === undefined) {
    throw new LwiError('USAGE', 'Neither --from nor --to says where to copy.', {
      hint: 'Run `lwi store copy --to postgres://user@host/database`, or see `lwi store copy --help`.',
    });
  }
  return {
    from: from === undefined ? await inUse(context) : { text: from, source: '--from' },
    to: to === undefined ? await inUse(context) : { text: to, source: '--to' },
  };
}

async function inUse({ otherDatabase, paths }: Context): Promise<StorePlace> {
  const other = await otherDatabase();
  return other ? { text: other.url, source: other.source } : { text: paths.data, source: 'the home' };
}
