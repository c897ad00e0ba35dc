import { ERROR_KINDS, type ErrorCode } from '../../errors.ts';
import type { HttpResponse } from '../../http/http.ts';
import { defined } from '../json-value.ts';
import type { ProviderFault } from '../provider.ts';
import { findFault } from './fault.ts';

/** Intuit documents no Retry-After; its limits page says to wait 60 seconds. A header, if one comes, wins over this. */
const THROTTLE_WAIT_MS = 60_000;

/** Codes with a meaning of their own. Source: developer.intuit.com error codes, tap-quickbooks `client.py`, quickbooks-ruby fixtures. */
const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  610: 'NOT_FOUND',
  3001: 'RATE_LIMITED',
  3100: 'FORBIDDEN',
  3200: 'UNAUTHORIZED',
  5010: 'CONFLICT',
};

/** Upper ends of the ranges that ej2/python-quickbooks `quickbooks/client.py` uses, and what each means. */
const BY_RANGE: readonly (readonly [below: number, code: ErrorCode])[] = [
  [500, 'FORBIDDEN'],
  [2000, 'BAD_REQUEST'],
  [4000, 'VALIDATION_FAILED'],
  [5000, 'BAD_REQUEST'],
  [10_000, 'VALIDATION_FAILED'],
  [Number.POSITIVE_INFINITY, 'SERVER_ERROR'],
];

const ADVICE: Readonly<Record<string, string>> = {
  3100: 'the keys do not fit this company: development keys work only with sandbox companies, production keys only with real ones',
  5010: 'someone else has changed the record since it was fetched (stale SyncToken)',
};

/** Reads Faults, in 200 too. A code is believed before the status: throttling also came as 403 (ruckus/quickbooks-ruby #338). */
export function classify(response: HttpResponse): ProviderFault | undefined {
  const fault = findFault(response.body);
  const code = codeOf(fault?.code, response.status, fault?.partial ?? false);
  if (!fault && !code) return undefined;
  const advice = fault?.code && ADVICE[fault.code];
  return defined<ProviderFault>({
    code: code ?? (response.status < 300 ? 'PROVIDER_REFUSED' : undefined),
    providerCode: fault?.code,
    message: [fault?.message ?? MESSAGES[response.status] ?? 'failed', advice].filter(Boolean).join('; '),
    refresh: code === 'UNAUTHORIZED' || undefined,
    retryAfterMs: code === 'RATE_LIMITED' && !response.headers['retry-after'] ? THROTTLE_WAIT_MS : undefined,
    requestId: response.headers['intuit_tid'],
  });
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'the access token was not accepted',
  429: 'too many requests',
};

function codeOf(faultCode: string | undefined, status: number, partial: boolean): ErrorCode | undefined {
  const code = byStatus(faultCode, status) ?? byFaultCode(faultCode);
  // Some items of the batch were done: whatever makes the layers repeat the whole request is out of place.
  const repeats = code && (ERROR_KINDS[code].retryable || code === 'UNAUTHORIZED');
  return partial && repeats ? 'PROVIDER_REFUSED' : code;
}

/** The two statuses that say more than a code does, but for the code of foreign keys, which no refresh would cure. */
function byStatus(faultCode: string | undefined, status: number): ErrorCode | undefined {
  if (status === 401 && faultCode !== '3100') return 'UNAUTHORIZED';
  return status === 429 ? 'RATE_LIMITED' : undefined;
}

function byFaultCode(faultCode: string | undefined): ErrorCode | undefined {
  if (!faultCode || !/^\d+$/.test(faultCode)) return undefined;
  const number = Number(faultCode);
  return number === 0 ? undefined : (BY_CODE[faultCode] ?? BY_RANGE.find(([below]) => number < below)?.[1]);
}
