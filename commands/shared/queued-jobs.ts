import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Jobs } from '../../src/jobs/jobs.ts';

/** The jobs of the database. Throws USAGE where it is a file. */
export async function demandJobs({ jobs }: Pick<Context, 'jobs'>): Promise<Jobs> {
  const shared = await jobs();
  if (shared) return shared;
  throw new LwiError(
    'USAGE',
    '--queue hands work to other machines, and the database here is a file of this machine.',
    {
      hint: 'Leave out --queue, or set LWI_DATABASE_URL to a PostgreSQL database.',
    },
  );
}

/** Gives the ids of what was handed over. */
export function tellQueued({ terminal }: Pick<Context, 'terminal'>, ids: readonly string[]): void {
  if (terminal.json) return void terminal.document({ jobs: ids.map((jobId) => ({ jobId })) });
  if (ids.length > 0) terminal.out(...ids);
  const jobs = ids.length === 1 ? '1 job' : `${ids.length} jobs`;
  terminal.info(
    ids.length === 0
      ? 'There was nothing to do.'
      : `${jobs} for whoever runs \`lwi serve\`; \`lwi status\` shows how they go`,
  );
}
