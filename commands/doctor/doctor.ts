import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export interface DoctorOptions {
  readonly offline?: boolean;
  readonly timeout: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('doctor')
    .description('look at this machine: versions, files, key, database, ports, network, clock')
    .option('--offline', 'make no connection')
    .option('--timeout <span>', 'time for all checks together', '60s')
    .addHelpText('after', HELP)
    .action(run(doctor));
};

const HELP = `
Changes nothing but what every command does that opens the database: one of an
older lwi is brought up to date, and access that others have to it or its
directory is told and taken away. Of the network, only the hosts of what is
connected are asked, once and without a token. No line holds a secret, so that
the output may go into a report.`;

async function doctor(context: Context, options: DoctorOptions): Promise<number | undefined> {
  const { runDoctor } = await import('./run-doctor.ts');
  return runDoctor(context, options);
}
