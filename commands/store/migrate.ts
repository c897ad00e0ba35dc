import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly grantTo?: readonly string[];
  readonly dryRun?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('migrate')
    .description('make the tables, or bring them up to date; give a role the right to work with them')
    .option('--grant-to <role>', 'a role that may work with the tables and no more; may be repeated', collect)
    .option('--dry-run', 'print the SQL, change nothing')
    .addHelpText('after', HELP)
    .action(run(migrateStore));
};

const collect = (role: string, before: readonly string[] = []) => [...before, role];

const HELP = `
Run it as the role that owns the tables, or is to own them. All is one
transaction; a second run changes nothing. Roles that could work with the tables
before can work with new ones too.

Example:
  LWI_DATABASE_URL=postgres://lwi_owner@db.example/lwi \\
    lwi store migrate --grant-to lwi_worker`;

async function migrateStore(context: Context, { grantTo = [], dryRun = false }: Options): Promise<undefined> {
  const { terminal } = context;
  const other = await context.otherDatabase();
  if (!other) return migrateFile(context, { grantTo, dryRun });
  const { migrateAt } = await import('../../src/store/postgres/migrate.ts');
  const around = { environment: context.host.env, homedir: context.host.homedir };
  const done = await migrateAt(other.url, other.source, { around, warn: terminal.warn, grantTo, dryRun });
  const { place, from, to, grantedTo, sql } = done;
  if (dryRun && !terminal.json) return void terminal.out(...(sql === '' ? [] : [sql.trim()]));
  if (terminal.json) {
    return void terminal.document({ place, from, to, grantedTo, ...(dryRun ? { sql } : {}) });
  }
  const roles = grantedTo.length > 0 ? `; ${grantedTo.join(', ')} may work with it` : '';
  terminal.out(`${place}: ${changeWords(from, to)}${roles}`);
}

/** Opening brings a file up to date. */
async function migrateFile(context: Context, { grantTo, dryRun }: Required<Options>): Promise<undefined> {
  const { terminal, paths } = context;
  if (grantTo.length > 0) {
    const hint = 'Set LWI_DATABASE_URL to a PostgreSQL database.';
    throw new LwiError('USAGE', 'A file has no roles: --grant-to is for PostgreSQL.', { hint });
  }
  const { sqliteStanding } = await import('../../src/store/sqlite/standing.ts');
  const { version: from, needed } = sqliteStanding(paths.data).schema;
  const to = from === 0 ? 0 : needed;
  if (!dryRun) await context.existingStore();
  if (terminal.json) return void terminal.document({ place: paths.data, from, to, grantedTo: [] });
  if (to === 0) terminal.info(`There is no database in ${paths.data} yet; the first \`lwi connect\` makes it.`);
  else terminal.out(`${paths.data}: ${changeWords(from, to)}`);
}

function changeWords(from: number, to: number): string {
  if (from === to) return `schema ${to}, up to date`;
  return from === 0 ? `schema ${to}, new` : `schema ${from} -> ${to}`;
}
