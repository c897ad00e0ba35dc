import { ERROR_KINDS } from '../../../src/errors.ts';
import * as w from './words.ts';

/** The error of the contract, on stderr and wherever a document tells of a failure. */
export const error = w.object(
  {
    code: w.oneOf(Object.keys(ERROR_KINDS), 'stable code; the reference of errors has all'),
    message: w.text('what failed and why, for people'),
    hint: w.text('what to do next, for people; commands stand in backquotes'),
    provider: w.maybe(w.provider),
    account: w.maybe(w.account),
    statusCode: w.maybe(w.whole('HTTP status of the answer')),
    providerCode: w.maybe(w.text("the provider's own code")),
    requestId: w.maybe(w.text("the provider's id of the request")),
    retryable: w.flag('whether the same command may succeed later with nothing changed'),
    retryAfterMs: w.maybe(w.ms('after this a repeat makes sense')),
  },
  'why it failed; its members are those of the line on stderr',
);

/** The last line on stderr of a command that failed. */
export const errorLine = w.object({ error });

/** A line on stderr beside it: something that a person should know. */
export const warningLine = w.object({ warning: w.text('one sentence') });
