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
  /** Time for all of them together, ms. */
  readonly deadlineMs: number;
  /** That time where it runs already, made with this `signal` and `deadlineMs`; its maker ends it. Absent: it begins now. */
  readonly limit?: ReturnType<typeof deadlineSignal>;
}

/**
 * Runs checks one after the other and gives each result as soon as it is there. The check that the end of the time interrupts fails, and is left behind when
 * it does not heed its signal; one that blocked the process until then keeps its finding and says how long it took. Those that follow are skipped with
 * TIMEOUT. Throws what a check throws that is no LwiError.
 */
export async function* runChecks(
  checks: readonly Check[],
  { clock, signal, deadlineMs, limit }: RunChecksOptions,
): AsyncGenerator<CheckResult, void, undefined> {
  const time = limit ?? deadlineSignal(deadlineMs, signal);
  const results: CheckResult[] = [];
  try {
    for (const check of checks) {
      const started = clock.now();
      const skipped = time.over() ? notReached(deadlineMs) : unmet(check, results);
      const finding = skipped ?? (await findingOf(check, time.signal, () => lateFinding(deadlineMs)));
      signal.throwIfAborted();
      const durationMs = Math.max(0, clock.now() - started);
      const { name, subject, group } = check;
      const told = !skipped && time.over() ? tooLong(finding, durationMs) : finding;
      const result = { name, subject, group, ...safe(told), durationMs };
      results.push(result);
      yield result;
    }
  } finally {
    if (!limit) time.done();
  }
}

function unmet(check: Check, results: readonly CheckResult[]): Finding | undefined {
  const missing = missingNeed(check, results);
  return missing === undefined ? undefined : skip(`${missing} did not pass`);
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

const notReached = (deadlineMs: number): Finding => ({
  outcome: 'skip',
  reason: `the ${formatSpan(deadlineMs)} for all checks were over`,
  code: 'TIMEOUT',
});

/** The one that used the time up says so, that nobody looks for it elsewhere. */
function tooLong(finding: Finding, durationMs: number): Finding {
  if (finding.outcome !== 'pass') return finding;
  return { ...finding, evidence: `${finding.evidence}; it took ${formatSpan(durationMs)}` };
}
