import { LwiError } from '../errors.ts';
import { quoted } from '../http/redact.ts';
import type { Protocol } from './protocol.ts';

/** What names the case in an error: everything but the app, so that discovery can use it too. */
export type ErrorSubject = Pick<Protocol, 'provider' | 'call'>;

/** The members of an error answer, or anything else that came in its place. */
type ErrorBody = Readonly<Record<string, unknown>>;

/** RFC 6749 5.2, by what the person has to do about it. `body` is the answer, `code` its `error`. */
export function grantError(subject: ErrorSubject, code: string, body: unknown, status: number): LwiError {
  const rejected = code === 'invalid_grant' ? 'GRANT_REJECTED' : undefined;
  const client = ['invalid_client', 'unauthorized_client'].includes(code) ? 'CLIENT_REJECTED' : undefined;
  const detail = reasonOf(typeof body === 'object' && body !== null ? { ...body, error: code } : { error: code });
  return new LwiError(rejected ?? client ?? 'PROVIDER_REFUSED', `${subject.provider.title} answered: ${detail}`, {
    ...factsOf(subject),
    statusCode: status,
    providerCode: code,
  });
}

/** An error in the redirect (RFC 6749 4.1.2.1): the person refused, or the request was wrong. */
export function authorizationError(subject: ErrorSubject, code: string): LwiError {
  const { title } = subject.provider;
  if (code === 'access_denied') {
    return new LwiError('CONSENT_REFUSED', `${title} says that access was refused.`, factsOf(subject));
  }
  const message = `${title} ended the authorization: ${quoted(code, 300)}.`;
  return new LwiError('GRANT_REJECTED', message, { ...factsOf(subject), providerCode: code });
}

/** An answer that is none by RFC 6749, 5, and what is wrong with it. */
export function answerError(subject: ErrorSubject, cause: unknown): LwiError {
  const why = cause instanceof Error ? quoted(cause.message, 200).replace(/\.$/, '') : '';
  const message = `${subject.provider.title} answered something that is no OAuth answer${why ? `: ${why}` : ''}.`;
  return new LwiError('BAD_RESPONSE', message, { ...factsOf(subject), cause });
}

/** `error: error_description` of an answer, without what looks like a credential. */
export function reasonOf(body: ErrorBody): string {
  const words = [body['error'], body['error_description']].filter((word) => typeof word === 'string');
  return quoted(words.join(': '), 300) || 'no reason given';
}

function factsOf({ provider, call }: ErrorSubject) {
  return { provider: provider.id, account: call.connection?.account };
}
