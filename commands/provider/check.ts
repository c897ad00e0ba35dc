import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly baseUrl?: string;
  readonly timeout: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('check <provider>')
    .description('run the integration checklist against its mock, and show the evidence of each line')
    .option('--base-url <url>', 'another server in the place of the mock: an emulator, or a mock that runs already')
    .option('--timeout <span>', 'time for all of it', '2m')
    .action(run(checkProvider));
};

async function checkProvider(context: Context, options: Options, id: string): Promise<number | undefined> {
  const { terminal, clock, signal } = context;
  const { parseSpan } = await import('../../src/span.ts');
  const deadlineMs = parseSpan(options.timeout, '--timeout');
  const provider = await context.provider(id);
  const { subjectOf } = await import('./check-subject.ts');
  const { checklistOf } = await import('../../src/checks/provider/checklist.ts');
  const { runChecks } = await import('../../src/checks/run-checks.ts');
  const { exitCodeOf, labelOf, reportChecks } = await import('../shared/check-report.ts');
  const subject = await subjectOf(context, provider, options.baseUrl);
  const checks = checklistOf(subject);
  const against = subject.elsewhere?.url ?? 'mock';
  terminal.info(
    `${provider.title} against ${against === 'mock' ? 'its mock, in a throw-away home' : against}: ${checks.length} lines`,
  );
  const widest = Math.max(...checks.map((check) => labelOf(check).length));
  const results = runChecks(checks, { clock, signal, deadlineMs });
  return exitCodeOf(await reportChecks(context, results, { widest, more: { provider: provider.id, against } }));
}
