import { ERROR_KINDS } from '../../../src/errors.ts';
import * as w from './words.ts';

/** What became of a check, and of what. */
const result = (of: Parameters<typeof w.object>[0]) =>
  w.object({
    name: w.text('what is looked at: `clock-skew`'),
    ...of,
    group: w.maybe(w.text('the heading under which people see it')),
    outcome: w.oneOf(['pass', 'fail', 'skip'], 'what came of it'),
    evidence: w.maybe(w.text('of one that passed: what was seen')),
    reason: w.maybe(w.text('of one that failed: what is wrong; of one that was skipped: why')),
    next: w.maybe(w.text('of one that failed: what to do; commands stand in backquotes')),
    code: w.maybe(
      w.oneOf(
        Object.keys(ERROR_KINDS),
        'of one that failed: code of the error; of one that was skipped because the time was over: `TIMEOUT`',
      ),
    ),
    durationMs: w.ms('how long it took'),
  });

/** Checks and their sum; the command ends with 8 when one failed, or the time was over before all had run. */
const report = (head: Parameters<typeof w.object>[0], of: Parameters<typeof w.object>[0] = {}) =>
  w.object({
    ...head,
    passed: w.whole('checks that passed'),
    failed: w.whole('checks that failed'),
    skipped: w.whole('checks that do not apply, or could not be made'),
    startedAt: w.time('when the first began'),
    durationMs: w.ms('of all'),
    checks: w.list(result(of), 'each check, in the order in which they ran'),
  });

/** Commands that check something. */
export const CHECK_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  smoke: [
    w.document(
      'always',
      report(
        { account: w.account },
        { provider: w.maybe(w.provider), account: w.maybe(w.account), env: w.maybe(w.environment) },
      ),
    ),
  ],
  doctor: [
    w.document(
      'always',
      report(
        {
          version: w.text('version of lwi'),
          node: w.text('version of Node'),
          platform: w.text('platform, as Node names it'),
        },
        { subject: w.maybe(w.text('of what: a host, a file')) },
      ),
    ),
  ],
  'provider check': [
    w.document(
      'always',
      report(
        { provider: w.provider, against: w.text('`mock`, or the URL that was given') },
        { subject: w.maybe(w.text('of what')) },
      ),
    ),
  ],
};
