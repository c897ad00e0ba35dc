import { ERROR_KINDS } from '../../../src/errors.ts';
import { account, flag, maybe, ms, object, oneOf, provider, text, whole } from './words.ts';

/** The error of the contract, on stderr and wherever a document tells of a failure. */
export const error = object(
  {
    code: oneOf(Object.keys(ERROR_KINDS), 'stable code; the reference of errors has all'),
    message: text('what failed and why, for people'),
    hint: text('what to do next, for people; commands stand in backquotes'),
    provider: maybe(provider),
    account: maybe(account),
    statusCode: maybe(whole('HTTP status of the answer')),
    providerCode: maybe(text("the provider's own code")),
    requestId: maybe(text("the provider's id of the request")),
    retryable: flag('whether the same command may succeed later with nothing changed'),
    retryAfterMs: maybe(ms('after this a repeat makes sense')),
  },
  'why it failed; its members are those of the line on stderr',
);

/** The last line on stderr of a command that failed. */
export const errorLine = object({ error });

/** A line on stderr beside it: something that a person should know. */
export const warningLine = object({ warning: text('one sentence') });
