import type { SmokeReport, SmokeResult } from './smoke-report.ts';

/**
 * The results as JUnit XML, as GitLab (docs.gitlab.com, unit test reports), Jenkins (jenkins-junit.xsd of its xUnit plugin) and the report actions for GitHub
 * read it: a suite for the machine and one for each connection. GitLab shows the text of a failure and passes over its `message`, so both say it; it names a
 * suite after `classname`, which Jenkins cuts at its dots.
 */
export function junitXml({ checks, durationMs, startedAt, passed, failed, skipped }: SmokeReport): string {
  const suites = new Map<string, SmokeResult[]>();
  for (const check of checks) {
    const suite = check.provider === undefined ? 'machine' : `${check.account}/${check.provider}`;
    suites.set(suite, [...(suites.get(suite) ?? []), check]);
  }
  const total = { tests: passed + failed + skipped, failures: failed, errors: 0, skipped };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'lwi smoke', ...total, time: seconds(durationMs) })}>`,
    ...[...suites].flatMap(([name, all]) => suiteLines(name, all, startedAt)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(name: string, checks: readonly SmokeResult[], startedAt: string): string[] {
  const count = (outcome: SmokeResult['outcome']) => checks.filter((check) => check.outcome === outcome).length;
  const time = seconds(checks.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const sums = { tests: checks.length, failures: count('fail'), errors: 0, skipped: count('skip'), time };
  // The XSD of Ant's format, which some readers hold to, knows neither fractions nor a zone.
  const timestamp = startedAt.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return [
    `  <testsuite${attributes({ name: `lwi smoke: ${name}`, ...sums, timestamp })}>`,
    ...checks.flatMap((check) => caseLines(`lwi.smoke.${name.replaceAll('.', '_').replace('/', '.')}`, check)),
    '  </testsuite>',
  ];
}

function caseLines(classname: string, check: SmokeResult): string[] {
  const head = `    <testcase${attributes({ classname, name: check.name, time: seconds(check.durationMs) })}>`;
  return [head, `      ${outcomeOf(check)}`, '    </testcase>'];
}

function outcomeOf(check: SmokeResult): string {
  if (check.outcome === 'pass') return `<system-out>${escaped(check.evidence)}</system-out>`;
  if (check.outcome === 'skip') return `<skipped${attributes({ message: check.reason })}/>`;
  const { reason, next, code = 'CHECK_FAILED' } = check;
  return `<failure${attributes({ message: reason, type: code })}>${escaped(`${reason}\nnext: ${next}`)}</failure>`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) => ` ${name}="${escaped(String(value)).replace(/[\t\n\r]/g, (at) => `&#${at.charCodeAt(0)};`)}"`,
    )
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text that every XML parser takes: what is no character of XML 1.0 (2.2), not even as a reference, becomes U+FFFD. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(NO_CHARACTER, '\ufffd')
      .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
      // On stdout it may be a line in a log of GitHub Actions, where this would begin a command.
      .replaceAll('##[', '#&#35;[')
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
