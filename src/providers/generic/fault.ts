import type { HttpResponse } from '../../http/http.ts';
import { httpDate } from '../../http/retry-after.ts';
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
    retryAfterMs: body.retryAfterMs ?? (code === 'RATE_LIMITED' ? untilReset(response.headers) : undefined),
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

/** GitHub's way (docs.github.com, rate limits of the REST API): 403 with nothing remaining, or with a Retry-After. */
function throttledAs403({ status, headers }: HttpResponse): 'RATE_LIMITED' | undefined {
  const empty = REMAINING.some((name) => headers[name]?.trim() === '0');
  return status === 403 && (empty || headers['retry-after']) ? 'RATE_LIMITED' : undefined;
}

/** ms until `x-ratelimit-reset` (seconds since the epoch), by the provider's own clock; undefined where either is missing. */
function untilReset(headers: Readonly<Record<string, string>>): number | undefined {
  const reset = /^\d{9,11}$/.exec(headers['x-ratelimit-reset']?.trim() ?? '')?.[0];
  const now = httpDate(headers['date']);
  if (reset === undefined || now === undefined) return undefined;
  const wait = Number(reset) * 1000 - now;
  return wait <= 86_400_000 ? Math.max(0, wait) : undefined;
}

function messageOf(challenge: BearerChallenge | undefined, said: string | undefined): string | undefined {
  const told = said ?? challenge?.description ?? challenge?.error;
  return challenge?.scope && challenge.error === 'insufficient_scope'
    ? `${told ?? challenge.error}; it needs the scope ${challenge.scope}`
    : told;
}
