import { cassetteOptions, recordable } from '../shared/cassette.ts';
import type { Define } from '../shared/define.ts';
import type { RecordableContext } from '../shared/recordable.ts';

/** The options of `lwi smoke` besides those of recording. */
export interface SmokeOptions {
  readonly junit?: string;
  readonly timeout: string;
}

export const define: Define = (parent, run) => {
  const command = parent
    .command('smoke [providers...]')
    .description('check that everything a job needs works: config, key, database, tokens, APIs, webhooks')
    .option('--junit <file>', 'write the results as JUnit XML too; -: on stdout, in place of the lines')
    .option('--timeout <span>', 'time for all checks together', '60s');
  cassetteOptions(command).action(run(recordable(smoke)));
};

async function smoke(
  context: RecordableContext,
  options: SmokeOptions,
  providers: readonly string[],
): Promise<number | undefined> {
  const { runSmoke } = await import('./run-smoke.ts');
  return runSmoke(context, options, providers);
}
