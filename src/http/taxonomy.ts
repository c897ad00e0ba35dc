import { type ErrorCode, LwiError } from '../errors.ts';
import type { Provider, ProviderFault } from '../providers/provider.ts';
import { bodyText, type Call, type HttpResponse, type Send } from './http.ts';
import { quoted } from './redact.ts';
import { retryAfterMs } from './retry-after.ts';

/** The seed's status matrix: what an HTTP status means when the body says nothing better. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  408: 'TIMEOUT',
  409: 'CONFLICT',
  422: 'VALIDATION_FAILED',
  429: 'RATE_LIMITED',
};

/** Error code of a status; undefined for success. A redirect is no answer: tokens are never sent after it. */
export function codeOfStatus(status: number): ErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined;
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 500) return 'SERVER_ERROR';
  return status >= 300 ? 'PROVIDER_REFUSED' : 'BAD_RESPONSE';
}

/**
 * The layer that turns a failed answer into a typed error: the provider's own reading first (it also sees failures inside 200), the
 * status second. A `raw` call gets its 4xx answers back and only loses 429 and 5xx.
 */
export function classify(provider: Provider, now: () => number): (next: Send) => Send {
  return (next) => async (request, call) => {
    const response = await next(request, call);
    const fault = call.raw ? undefined : provider.classify(response);
    const code = codeOf(response, fault, call);
    if (!code) return response;
    throw failure(code, provider, response, fault, call, now());
  };
}

function codeOf(response: HttpResponse, fault: ProviderFault | undefined, call: Call): ErrorCode | undefined {
  if (fault?.refresh) return 'UNAUTHORIZED';
  const byStatus = codeOfStatus(response.status);
  if (call.raw) return response.status === 429 || response.status >= 500 ? byStatus : undefined;
  return fault?.code ?? byStatus ?? (fault ? 'PROVIDER_REFUSED' : undefined);
}

function failure(
  code: ErrorCode,
  provider: Provider,
  response: HttpResponse,
  fault: ProviderFault | undefined,
  call: Call,
  now: number,
): LwiError {
  const header = provider.api.requestIdHeader;
  const said = quoted(fault?.message ?? excerpt(response), fault?.message === undefined ? 160 : 1000, provider.redact);
  return new LwiError(code, `${provider.title} answered ${response.status}: ${said}`, {
    provider: provider.id,
    account: call.connection?.account,
    statusCode: response.status,
    providerCode: fault?.providerCode,
    requestId: fault?.requestId ?? (header ? response.headers[header] : undefined),
    retryAfterMs: retryAfterMs(response.headers, now) ?? fault?.retryAfterMs,
    answer: response,
  });
}

/** The words of a body that nobody could read, on one line. */
function excerpt(response: HttpResponse): string {
  const text = bodyText(response)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text || 'nothing more';
}
