import { isLwiError } from '../../errors.ts';
import { type Check, type Finding, fail } from '../check.ts';
import { withBench } from './bench.ts';
import { ERROR_LINES } from './error-lines.ts';
import type { Line } from './line.ts';
import { OAUTH_LINES } from './oauth-lines.ts';
import { RATE_LINES } from './rate-lines.ts';
import { RELIABILITY_LINES } from './reliability-lines.ts';
import type { Subject } from './subject.ts';
import { TENANCY_LINES } from './tenancy-lines.ts';
import { TESTING_LINES } from './testing-lines.ts';
import { WEBHOOK_LINES } from './webhook-lines.ts';

/** The integration checklist: its headings and lines, in their order. */
const CHECKLIST: readonly (readonly [heading: string, lines: readonly Line[]])[] = [
  ['OAuth2 implementation', OAUTH_LINES],
  ['Error handling', ERROR_LINES],
  ['Rate limiting', RATE_LINES],
  ['Reliability', RELIABILITY_LINES],
  ['Multi-tenancy', TENANCY_LINES],
  ['Webhook security', WEBHOOK_LINES],
  ['Testing', TESTING_LINES],
];

/** A check for each line, to be run in this order. */
export function checklistOf(subject: Subject): readonly Check[] {
  return CHECKLIST.flatMap(([group, lines]) =>
    lines.map((line) => ({
      ...{
        name: line.name,
        group,
        needs: subject.provider.webhook || line.webhooks !== true ? (line.needs ?? []) : [],
      },
      run: (signal: AbortSignal) => tried(subject, line, signal),
    })),
  );
}

/** What a line throws is why it fails; the next step names what of the provider decides it. */
async function tried(subject: Subject, line: Line, signal: AbortSignal): Promise<Finding> {
  try {
    return await withBench(subject, signal, line, line.run);
  } catch (error) {
    if (signal.aborted || !isLwiError(error)) throw error;
    const next = `Look at ${line.about}, then run \`lwi provider check ${subject.provider.id}\` again.`;
    return fail(error.message, next, error.code === 'CHECK_FAILED' ? undefined : error.code);
  }
}
