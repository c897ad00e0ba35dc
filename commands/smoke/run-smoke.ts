import type { Check, CheckResult } from '../../src/checks/check.ts';
import { runChecks } from '../../src/checks/run-checks.ts';
import { LwiError } from '../../src/errors.ts';
import type { Terminal } from '../../src/terminal.ts';
import { checkDeadline } from '../shared/check-deadline.ts';
import { exitCodeOf, reportChecks } from '../shared/check-report.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { type CheckedConnection, connectionChecks } from './connection-checks.ts';
import { junitOutput } from './junit-output.ts';
import { machineChecks } from './machine-checks.ts';
import type { SmokeOptions } from './smoke.ts';
import type { SmokeResult } from './smoke-report.ts';
import { chosenSubjects } from './subjects.ts';

/** Checks the machine and each chosen connection, and reports; resolves to the exit code. Throws USAGE, PROVIDER_UNKNOWN, and what a file that cannot be written comes to. */
export async function runSmoke(
  context: RecordableContext,
  options: SmokeOptions,
  providers: readonly string[],
): Promise<number | undefined> {
  const { clock, signal, terminal } = context;
  const deadlineMs = checkDeadline(options.timeout);
  if (options.junit === '-' && terminal.json)
    throw new LwiError('USAGE', 'Give --json or --junit -: both are the one document on stdout.');
  const junit = options.junit === undefined ? undefined : junitOutput(context, options.junit);
  try {
    const { account, subjects } = await chosenSubjects(context, providers);
    const checks = [...machineChecks(context), ...subjects.flatMap((subject) => connectionChecks(context, subject))];
    const shown = { clock, host: context.host, terminal: options.junit === '-' ? onStderr(terminal) : terminal };
    const seen: SmokeResult[] = [];
    const results = named(runChecks(checks, { clock, signal, deadlineMs }), checks, seen);
    const widest = Math.max(...checks.map(({ name }) => name.length));
    const report = { ...(await reportChecks(shown, results, { widest, more: { account } })), checks: seen };
    junit?.commit(report);
    if (context.host.env['GITHUB_ACTIONS'] === 'true') {
      const { tellGitHub } = await import('./github.ts');
      tellGitHub(context, report);
    }
    return exitCodeOf(report);
  } finally {
    junit?.drop();
  }
}

/** Results that name their connection, so that a script need not take a subject apart; people see it in the heading. */
async function* named(
  results: AsyncIterable<CheckResult>,
  checks: readonly (Check & CheckedConnection)[],
  seen: SmokeResult[],
): AsyncGenerator<SmokeResult, void, undefined> {
  for await (const { subject, ...result } of results) {
    const { of } = checks.find((check) => check.name === result.name && check.subject === subject) ?? {};
    const one: SmokeResult = { ...result, ...of };
    seen.push(one);
    yield one;
  }
}

/** stdout belongs to the XML, so that what is for people goes beside it. */
function onStderr(terminal: Terminal): Terminal {
  return { ...terminal, style: terminal.errorStyle, out: (...lines) => lines.map(terminal.info) };
}
