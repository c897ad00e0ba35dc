import type { HttpResponse } from '../../http/http.ts';
import { defined } from '../json-value.ts';
import type { ProviderFault } from '../provider.ts';
import { type BearerChallenge, bearerChallenge } from './bearer-challenge.ts';
import { readErrorBody } from './error-body.ts';

/**
 * The fault of an answer of 400 and above: message and code out of its body, what the challenge says of the token (RFC 6750, 3.1), and a
 * throttling that comes as 403. Undefined where the status alone says as much.
 */
export function classifyAnswer(response: HttpResponse, requestIdHeader: string | undefined): ProviderFault | undefined {
  if (response.status < 400) return undefined;
  const body = readErrorBody(response);
  const challenge = bearerChallenge(response.headers['www-authenticate']);
  const code = tokenFault(response.status, challenge?.error ?? body.code) ?? throttledAs403(response);
  const message = messageOf(challenge, body.message) ?? (code && `HTTP ${response.status}`);
  const requestId = requestIdHeader === undefined ? undefined : response.headers[requestIdHeader];
  if (message === undefined && Object.keys(body).length === 0) return undefined;
  return defined<ProviderFault>({
    code,
    providerCode: body.code ?? challenge?.error,
    message: message ?? `HTTP ${response.status}`,
    refresh: code === 'UNAUTHORIZED' || undefined,
    retryAfterMs: body.retryAfterMs,
    requestId,
  });
}

/** The statuses under which a word about the token is believed; RFC 6750 names one for each, but servers mix them up. */
const TOKEN_STATUSES = [400, 401, 403];

/** A scope that is missing is not cured by a refresh, not even under 401; a token that is not valid is, also under 400 and 403. */
function tokenFault(status: number, word: string | undefined): 'FORBIDDEN' | 'UNAUTHORIZED' | undefined {
  if (!TOKEN_STATUSES.includes(status)) return undefined;
  if (word === 'insufficient_scope') return 'FORBIDDEN';
  return word === 'invalid_token' ? 'UNAUTHORIZED' : undefined;
}

const REMAINING = ['x-ratelimit-remaining', 'x-rate-limit-remaining', 'ratelimit-remaining'];

/**
 * GitHub's way (docs.github.com, rate limits of the REST API): 403 with nothing remaining, or with a Retry-After. When it ends is for the rate limit to
 * read, which has a clock.
 */
function throttledAs403({ status, headers }: HttpResponse): 'RATE_LIMITED' | undefined {
  const empty = REMAINING.some((name) => headers[name]?.trim() === '0');
  return status === 403 && (empty || headers['retry-after']) ? 'RATE_LIMITED' : undefined;
}

function messageOf(challenge: BearerChallenge | undefined, said: string | undefined): string | undefined {
  const told = said ?? challenge?.description ?? challenge?.error;
  return challenge?.scope && challenge.error === 'insufficient_scope'
    ? `${told ?? challenge.error}; it needs the scope ${challenge.scope}`
    : told;
}
