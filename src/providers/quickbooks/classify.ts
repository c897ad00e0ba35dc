import { ERROR_KINDS, type ErrorCode } from '../../errors.ts';
import type { HttpResponse } from '../../http/http.ts';
import { defined } from '../json-value.ts';
import type { ProviderFault } from '../provider.ts';
import { findFault } from './fault.ts';
import { isExact, type QuickbooksFaultCode, rowOfFaultCode } from './fault-codes.ts';

/** Intuit documents no Retry-After; its limits page says to wait 60 seconds. A header, if one comes, wins over this. */
const THROTTLE_WAIT_MS = 60_000;

/** Reads Faults, in 200 too. A code is believed before the status: throttling also came as 403 (ruckus/quickbooks-ruby #338). */
export function classify(response: HttpResponse): ProviderFault | undefined {
  const fault = findFault(response.body);
  const row = rowOf(fault?.code, response.status);
  const code = codeOf(row, response.status, fault?.partial ?? false);
  if (!fault && !code) return undefined;
  return defined<ProviderFault>({
    code: code ?? (response.status < 300 ? 'PROVIDER_REFUSED' : undefined),
    providerCode: fault?.code,
    message: [fault?.message ?? MESSAGES[response.status] ?? 'failed', row?.advice].filter(Boolean).join('; '),
    refresh: code === 'UNAUTHORIZED' || undefined,
    retryAfterMs: code === 'RATE_LIMITED' ? THROTTLE_WAIT_MS : undefined,
    requestId: response.headers['intuit_tid'],
  });
}

/**
 * What the code says, unless Intuit is down: it then gave 3100 and 120, which speak of rights, with status 500 (minimul/qbo_api #81, #96).
 */
function rowOf(code: string | undefined, status: number): QuickbooksFaultCode | undefined {
  const row = rowOfFaultCode(code);
  return status >= 500 && row?.error === 'FORBIDDEN' ? undefined : row;
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'the access token was not accepted',
  429: 'too many requests',
};

function codeOf(row: QuickbooksFaultCode | undefined, status: number, partial: boolean): ErrorCode | undefined {
  const code = byStatus(row, status) ?? row?.error;
  // Some items of the batch were done: whatever makes the layers repeat the whole request is out of place.
  const repeats = code && (ERROR_KINDS[code].retryable || code === 'UNAUTHORIZED');
  return partial && repeats ? 'PROVIDER_REFUSED' : code;
}

/**
 * The two statuses that say more than a range of codes does. A code with a meaning of its own goes before 401: neither foreign keys (3100) nor a
 * person who lost the rights (120) is cured by a refresh.
 */
function byStatus(row: QuickbooksFaultCode | undefined, status: number): ErrorCode | undefined {
  if (status === 401 && !(row && isExact(row))) return 'UNAUTHORIZED';
  return status === 429 ? 'RATE_LIMITED' : undefined;
}
