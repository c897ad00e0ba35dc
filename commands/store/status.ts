import type { Context } from '../../src/context.ts';
import type { StoreStanding } from '../../src/store/standing.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('status')
    .description('where the database is, what it is, who uses it')
    .addHelpText('after', HELP)
    .action(run(storeStatus));
};

const HELP = `
Makes and changes nothing, and tells nothing of what the database holds. Of a
server, rows are about.`;

async function storeStatus(context: Context): Promise<undefined> {
  const { terminal } = context;
  const standing = await standingOf(context);
  const { standingDocument, standingLines, standingNotes } = await import('./standing-report.ts');
  if (terminal.json) terminal.document(standingDocument(standing));
  else terminal.out(...(await standingLines(standing, terminal.tableWidth)));
  for (const note of standingNotes(standing)) terminal.warn(note);
}

async function standingOf({ otherDatabase, paths, clock, host }: Context): Promise<StoreStanding> {
  const other = await otherDatabase();
  if (!other) return (await import('../../src/store/sqlite/standing.ts')).sqliteStanding(paths.data);
  const { postgresStanding } = await import('../../src/store/postgres/standing.ts');
  const around = { environment: host.env, homedir: host.homedir };
  return postgresStanding(other.url, other.source, { now: () => clock.now(), around });
}
