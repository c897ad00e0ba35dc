import type { CheckResult } from '../../src/checks/check.ts';
import type { Context } from '../../src/context.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import type { Style } from '../../src/terminal.ts';
import { wrappedText } from '../../src/wrapped-text.ts';
import { gitHubJson, gitHubLine } from './github-log.ts';

/** All results and their sum. */
export interface CheckReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** ISO-8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly checks: readonly CheckResult[];
}

/** Exit code of a command whose report this is: 8 when a check failed, or nobody looked because the time was over. */
export function exitCodeOf({ failed, checks }: CheckReport): number | undefined {
  const notReached = checks.some((check) => check.outcome === 'skip' && check.code !== undefined);
  return failed > 0 || notReached ? ERROR_KINDS.CHECK_FAILED.exit : undefined;
}

/**
 * Takes results as they come: people see a line for each at once, failures with what to do; `--json` gets one document at the end. `widest` is the
 * longest label that will come, so that the lines align. `more` is added to the document. In a log of GitHub Actions
 * nothing that a check quotes is a command.
 */
export async function reportChecks(
  { terminal, clock, host }: Pick<Context, 'terminal' | 'clock'> & { readonly host: Pick<Context['host'], 'env'> },
  results: AsyncIterable<CheckResult>,
  { widest, more = {} }: { readonly widest: number; readonly more?: Readonly<Record<string, unknown>> },
): Promise<CheckReport> {
  const { formatSpan } = await import('../../src/span.ts');
  const onGitHub = host.env['GITHUB_ACTIONS'] === 'true';
  const show = (...lines: string[]) => terminal.out(...(onGitHub ? lines.map(gitHubLine) : lines));
  const started = clock.now();
  const checks: CheckResult[] = [];
  let group: string | undefined;
  for await (const result of results) {
    if (!terminal.json) {
      if (result.group !== undefined && result.group !== group) show(terminal.style.bold(result.group));
      group = result.group;
      show(...linesOf(result, { widest, width: terminal.tableWidth, style: terminal.style }));
    }
    checks.push(result);
  }
  const count = (outcome: CheckResult['outcome']) => checks.filter((check) => check.outcome === outcome).length;
  const report: CheckReport = {
    ...{ passed: count('pass'), failed: count('fail'), skipped: count('skip') },
    ...{ startedAt: new Date(started).toISOString(), durationMs: clock.now() - started, checks },
  };
  if (terminal.json) {
    const document = JSON.stringify({ ...more, ...report });
    terminal.raw(`${onGitHub ? gitHubJson(document) : document}\n`);
  } else show('', sumOf(report, terminal.style) + terminal.style.dim(` in ${formatSpan(report.durationMs)}`));
  return report;
}

/** How a check is called: `quickbooks token`. */
export function labelOf({ name, subject }: Pick<CheckResult, 'name' | 'subject'>): string {
  return subject === undefined ? name : `${subject} ${name}`;
}

/** At least so much room is left for what a check says, characters. */
const LEAST_ROOM = 30;

/** The lines of one check: wrapped on a terminal, one alone where `width` is Infinity, so that `grep` finds all of it. Exported for its test. */
export function linesOf(
  result: CheckResult,
  { widest, width, style }: { readonly widest: number; readonly width: number; readonly style: Style },
): string[] {
  const paint = { pass: style.good, fail: style.bad, skip: style.dim }[result.outcome];
  const head = `${labelOf(result).padEnd(widest)}  `;
  const indent = ' '.repeat('pass  '.length + head.length);
  const said = result.outcome === 'pass' ? result.evidence : result.reason;
  const next = result.outcome === 'fail' ? [`next: ${result.next}`] : [];
  if (width === Number.POSITIVE_INFINITY) return [`${paint(result.outcome)}  ${head}${[said, ...next].join('  ')}`];
  const room = Math.max(LEAST_ROOM, width - indent.length);
  const [first = '', ...rest] = [said, ...next].flatMap((each) => wrappedText(each, room));
  return [`${paint(result.outcome)}  ${head}${first}`, ...rest.map((line) => `${indent}${line}`)];
}

function sumOf({ passed, failed, skipped }: CheckReport, style: Style): string {
  const parts = [style.good(`${passed} passed`)];
  if (failed > 0) parts.push(style.bad(`${failed} failed`));
  if (skipped > 0) parts.push(style.dim(`${skipped} skipped`));
  return parts.join(', ');
}
