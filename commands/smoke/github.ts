import { appendFileSync } from 'node:fs';
import { isNodeError } from '../../src/read-bounded.ts';
import { formatSpan } from '../../src/span.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { nameOf, type SmokeReport, type SmokeResult } from './smoke-report.ts';

/**
 * For a step of GitHub Actions: an annotation for each failure, and a table in the summary of the job. Annotations go to stderr, which the runner reads as it
 * reads stdout (seen in overengineeringstudio/effect-utils #969), so that stdout keeps to the result.
 */
export function tellGitHub({ terminal, host }: RecordableContext, report: SmokeReport): void {
  for (const check of report.checks) if (check.outcome === 'fail') terminal.say(annotation(check));
  const file = host.env['GITHUB_STEP_SUMMARY'];
  if (!file) return;
  try {
    appendFileSync(file, summary(report));
  } catch (error) {
    if (!isNodeError(error)) throw error;
    terminal.warn(`The summary cannot be written to ${file} (${error.code}).`);
  }
}

/** A workflow command (docs.github.com, workflow commands; escapes as in actions/toolkit, packages/core/src/command.ts). */
export function annotation(check: SmokeResult & { outcome: 'fail' }): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::error title=${property(`lwi smoke: ${nameOf(check)}`)}::${data(`${check.reason}\nnext: ${check.next}`)}`;
}

/** A table in Markdown; what stands in it is text, whatever it looks like. */
export function summary({ checks, passed, failed, skipped, durationMs }: SmokeReport): string {
  const rows = checks.map((check) => {
    const said = check.outcome === 'pass' ? check.evidence : check.reason;
    const next = check.outcome === 'fail' ? ` next: ${check.next}` : '';
    return `| ${{ pass: 'pass', fail: '**fail**', skip: 'skip' }[check.outcome]} | ${plain(nameOf(check))} | ${plain(said + next)} |`;
  });
  const sum = `${passed} passed, ${failed} failed, ${skipped} skipped in ${formatSpan(durationMs)}`;
  return [`### lwi smoke: ${sum}`, '', '| | check | what was seen |', '| --- | --- | --- |', ...rows, '', ''].join(
    '\n',
  );
}

function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]#|!~>@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
