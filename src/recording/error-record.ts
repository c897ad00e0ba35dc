import { ERROR_KINDS, type ErrorCode, LwiError } from '../errors.ts';
import { type HttpResponse, isHttpResponse } from '../http/http.ts';
import { asObject } from '../providers/json-value.ts';
import type { ErrorRecord } from './har.ts';

/** Facts that an error shows; `cause` and `answer` are no data. */
const FACTS: readonly string[] = [
  ...['hint', 'provider', 'account', 'statusCode', 'providerCode', 'requestId'],
  ...['retryable', 'retryAfterMs', 'unsent'],
];

/** The error as data that can be written down. */
export function toRecord({ code, message, facts }: LwiError): ErrorRecord {
  const kept = Object.entries(facts).filter(([name, value]) => FACTS.includes(name) && value !== undefined);
  return {
    code,
    message,
    facts: Object.fromEntries(kept),
    ...(isHttpResponse(facts.answer) ? { answered: true } : {}),
  };
}

/** The error again, as it was thrown. A code that this version does not know (a newer one wrote it) becomes INTERNAL. */
export function fromRecord({ code, message, facts, answered }: ErrorRecord, answer?: HttpResponse): LwiError {
  const known = Object.hasOwn(ERROR_KINDS, code) ? (code as ErrorCode) : 'INTERNAL';
  return new LwiError(known, message, { ...facts, ...(answered && answer ? { answer } : {}) });
}

/** Makes the error of a file that is not as it should be. */
export type Invalid = (what: string) => LwiError;

/** An error as it stands in a file; `place` names it. Throws what `invalid` makes when it is none. */
export function errorRecord(value: unknown, place: string, invalid: Invalid): ErrorRecord {
  const { code, message, facts, answered } = asObject(value);
  if (typeof code !== 'string' || typeof message !== 'string') throw invalid(`${place} is no error of lwi`);
  const plain = Object.entries(asObject(facts)).filter(
    ([name, fact]) => FACTS.includes(name) && ['string', 'number', 'boolean'].includes(typeof fact),
  );
  return {
    ...{ code, message },
    facts: Object.fromEntries(plain) as ErrorRecord['facts'],
    ...(answered === true ? { answered } : {}),
  };
}
