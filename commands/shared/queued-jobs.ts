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

/** A job that was handed over, or one that had been before and nobody has begun with. */
export interface Queued {
  readonly jobId: string;
  readonly waitedAlready?: true;
}

/** Gives the ids of what others are to do. */
export function tellQueued({ terminal }: Pick<Context, 'terminal'>, queued: readonly Queued[]): void {
  const ids = queued.map(({ jobId }) => jobId);
  if (terminal.json) return void terminal.document({ jobs: ids.map((jobId) => ({ jobId })) });
  if (ids.length === 0) return void terminal.info('There was nothing to do.');
  terminal.out(...ids);
  const jobs = (count: number) => (count === 1 ? '1 job' : `${count} jobs`);
  const old = queued.filter(({ waitedAlready }) => waitedAlready).length;
  const waited = old === 0 ? '' : `, ${old === ids.length ? 'queued' : `${old} of them queued`} already`;
  terminal.info(`${jobs(ids.length)} for whoever runs \`lwi serve\`${waited}; \`lwi status\` shows how they go`);
}
