import { ERROR_KINDS } from '../../../src/errors.ts';
import {
  account,
  document,
  environment,
  list,
  maybe,
  ms,
  type Output,
  object,
  oneOf,
  provider,
  text,
  time,
  whole,
} from './words.ts';

/** What became of a check, and of what. */
const result = (of: Parameters<typeof object>[0]) =>
  object({
    name: text('what is looked at: `clock-skew`'),
    ...of,
    outcome: oneOf(['pass', 'fail', 'skip'], 'what came of it'),
    evidence: maybe(text('of one that passed: what was seen')),
    reason: maybe(text('of one that failed: what is wrong; of one that was skipped: why')),
    next: maybe(text('of one that failed: what to do; commands stand in backquotes')),
    code: maybe(
      oneOf(
        Object.keys(ERROR_KINDS),
        'of one that failed: code of the error; of one that was skipped because the time was over: `TIMEOUT`',
      ),
    ),
    durationMs: ms('how long it took'),
  });

/** Checks and their sum; the command ends with 8 when one failed, or the time was over before all had run. */
const report = (head: Parameters<typeof object>[0], of: Parameters<typeof object>[0] = {}) =>
  object({
    ...head,
    passed: whole('checks that passed'),
    failed: whole('checks that failed'),
    skipped: whole('checks that do not apply, or could not be made'),
    startedAt: time('when the first began'),
    durationMs: ms('of all'),
    checks: list(result(of), 'each check, in the order in which they ran'),
  });

/** Commands that check something. */
export const CHECK_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  smoke: [
    document(
      'always',
      report({ account }, { provider: maybe(provider), account: maybe(account), env: maybe(environment) }),
    ),
  ],
  doctor: [
    document(
      'always',
      report(
        {
          version: text('version of lwi'),
          node: text('version of Node'),
          platform: text('platform, as Node names it'),
        },
        { subject: maybe(text('of what: a host, a file')) },
      ),
    ),
  ],
  'provider check': [
    document(
      'always',
      report({ provider, against: text('`mock`, or the URL that was given') }, { subject: maybe(text('of what')) }),
    ),
  ],
};
