import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly baseUrl?: string;
  readonly timeout: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('check [provider]')
    .description('run the integration checklist against its mock, and show the evidence of each line')
    .option('--base-url <url>', 'another server in the place of the mock: an emulator, or a mock that runs already')
    .option('--timeout <span>', 'time for all of it', '2m')
    .action(run(checkProvider));
};

async function checkProvider(context: Context, options: Options, given?: string): Promise<number | undefined> {
  const { terminal, clock, signal } = context;
  const { checkDeadline } = await import('../shared/check-deadline.ts');
  const { deadlineSignal } = await import('../../src/clock.ts');
  const deadlineMs = checkDeadline(options.timeout);
  const { anyProvider, askedProvider } = await import('../shared/asked-provider.ts');
  const question = anyProvider(context, ({ environments }) => environments.mock !== undefined);
  const provider = await context.provider(await askedProvider(context, ['provider', 'check'], given, question));
  const { subjectOf } = await import('./check-subject.ts');
  const { checklistOf } = await import('../../src/checks/provider/checklist.ts');
  const { runChecks } = await import('../../src/checks/run-checks.ts');
  const { exitCodeOf, labelOf, reportChecks } = await import('../shared/check-report.ts');
  const place = await throwAwayPlace();
  const limit = deadlineSignal(deadlineMs, signal);
  try {
    const subject = await subjectOf(context, provider, { baseUrl: options.baseUrl, place, signal: limit.signal });
    const checks = checklistOf(subject);
    const { elsewhere } = subject;
    const where = elsewhere?.url ?? 'its mock, in a throw-away home';
    terminal.info(`${provider.title} against ${where}: ${checks.length} lines`);
    const widest = Math.max(...checks.map((check) => labelOf(check).length));
    const results = runChecks(checks, { clock, signal, deadlineMs, limit });
    const more = { provider: provider.id, against: elsewhere?.url ?? 'mock' };
    return exitCodeOf(await reportChecks(context, results, { widest, more }));
  } finally {
    limit.done();
    const { rm } = await import('node:fs/promises');
    // A line that was left behind may still write there.
    await rm(place, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A folder for this run. Throws STORE_READONLY where none can be made. */
async function throwAwayPlace(): Promise<string> {
  const { mkdtemp } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  try {
    return await mkdtemp(join(tmpdir(), 'lwi-check-'));
  } catch (cause) {
    const { LwiError } = await import('../../src/errors.ts');
    const why = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    throw new LwiError('STORE_READONLY', `No throw-away home can be made in ${tmpdir()}${why}.`, {
      ...{ cause, hint: 'Set TMPDIR to a directory that you can write.' },
    });
  }
}
