import { type Clock, deadlineSignal } from '../clock.ts';
import { isLwiError } from '../errors.ts';
import { redactText } from '../http/redact.ts';
import { plainText } from '../printable.ts';
import { formatSpan } from '../span.ts';
import { type Check, type CheckResult, type Finding, fail, skip } from './check.ts';

export interface RunChecksOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Whoever aborts it ends the run: its reason is thrown. */
  readonly signal: AbortSignal;
  /** Time for all of them together, ms. The check that it ends fails; those that follow are skipped. */
  readonly deadlineMs: number;
}

/**
 * Runs checks one after the other and gives each result as soon as it is there. A check that does not heed its signal is left behind when the
 * time is over. Throws what a check throws that is no LwiError.
 */
export async function* runChecks(
  checks: readonly Check[],
  { clock, signal, deadlineMs }: RunChecksOptions,
): AsyncGenerator<CheckResult, void, undefined> {
  const limit = deadlineSignal(deadlineMs, signal);
  const results: CheckResult[] = [];
  try {
    for (const check of checks) {
      const started = clock.now();
      const missing = missingNeed(check, results);
      const finding = await (limit.signal.aborted
        ? skip(`the ${formatSpan(deadlineMs)} for all checks were over`)
        : missing !== undefined
          ? skip(`${missing} did not pass`)
          : findingOf(check, limit.signal, () => lateFinding(deadlineMs)));
      signal.throwIfAborted();
      const { name, subject, group } = check;
      const result = { name, subject, group, ...safe(finding), durationMs: Math.max(0, clock.now() - started) };
      results.push(result);
      yield result;
    }
  } finally {
    limit.done();
  }
}

function missingNeed({ needs = [], subject }: Check, results: readonly CheckResult[]): string | undefined {
  return needs.find((need) =>
    results.some(
      (result) =>
        result.name === need &&
        result.outcome !== 'pass' &&
        (result.subject === undefined || result.subject === subject),
    ),
  );
}

async function findingOf(check: Check, signal: AbortSignal, late: () => Finding): Promise<Finding> {
  const over = new AbortController();
  const timeIsOver = new Promise<Finding>((resolve) => {
    signal.addEventListener('abort', () => resolve(late()), { once: true, signal: over.signal });
  });
  const found = check.run(signal).catch((error: unknown): Finding => {
    if (signal.aborted) return late();
    if (!isLwiError(error)) throw error;
    return fail(error.message, error.hint, error.code);
  });
  try {
    return await Promise.race([found, timeIsOver]);
  } finally {
    over.abort();
    // One that was left behind may still fail; nobody waits for it.
    found.catch(() => {});
  }
}

/** Findings quote providers, paths and names, and end in files and logs: on one line, without credentials. */
function safe(finding: Finding): Finding {
  const clean = (text: string) => redactText(plainText(text));
  if (finding.outcome === 'pass') return { ...finding, evidence: clean(finding.evidence) };
  if (finding.outcome === 'skip') return { ...finding, reason: clean(finding.reason) };
  return { ...finding, reason: clean(finding.reason), next: clean(finding.next) };
}

const lateFinding = (deadlineMs: number): Finding =>
  fail(
    `no end within the ${formatSpan(deadlineMs)} for all checks`,
    'Run again with a longer --timeout, or with -v to see what is waited for.',
    'TIMEOUT',
  );
