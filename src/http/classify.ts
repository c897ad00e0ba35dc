import { ERROR_KINDS, type ErrorCode, LwiError } from '../errors.ts';
import type { Provider, ProviderFault } from '../providers/provider.ts';
import { bodyText, type Call, type HttpResponse, type Send } from './http.ts';
import { mayBeJson } from './json-shape.ts';
import { quoted } from './redact.ts';
import { retryAfterMs } from './retry-after.ts';
import { rowOfStatus, type TaxonomyRow } from './taxonomy.ts';

/** Request ids under the names that many servers use; looked at where the provider names none of its own. */
const REQUEST_ID_HEADERS = ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid'];

/**
 * The layer that turns a failed answer into a typed error: the provider's own reading first (it also sees failures inside 200), the
 * status second. A success without the JSON that the call expects is a BAD_RESPONSE. A `raw` call gets its 4xx answers back and only loses
 * 429 and 5xx.
 */
export function classify(provider: Provider, now: () => number): (next: Send) => Send {
  return (next) => async (request, call) => {
    const response = await next(request, call);
    const fault = call.raw ? undefined : provider.classify(response);
    const row = rowOfStatus(response.status);
    const code = codeOf(response, row, fault, call);
    if (!code) return response;
    throw failure(code, { provider, response, row, fault, call, now: now() });
  };
}

function codeOf(
  response: HttpResponse,
  row: TaxonomyRow | undefined,
  fault: ProviderFault | undefined,
  call: Call,
): ErrorCode | undefined {
  if (fault?.refresh) return 'UNAUTHORIZED';
  if (call.raw) return response.status === 429 || response.status >= 500 ? row?.code : undefined;
  const told = fault?.code ?? row?.code ?? (fault ? 'PROVIDER_REFUSED' : undefined);
  if (told) return told;
  return call.expects === 'json' && !mayBeJson(response.body) ? 'BAD_RESPONSE' : undefined;
}

interface Case {
  readonly provider: Provider;
  readonly response: HttpResponse;
  readonly row: TaxonomyRow | undefined;
  readonly fault: ProviderFault | undefined;
  readonly call: Call;
  /** ms since the epoch. */
  readonly now: number;
}

function failure(code: ErrorCode, { provider, response, row, fault, call, now }: Case): LwiError {
  const said = quoted(fault?.message ?? excerpt(response), fault?.message === undefined ? 160 : 1000, provider.redact);
  // What the row of the status says holds only as long as nobody has read more out of the answer.
  const own = row?.code === code ? row : undefined;
  const retryable = own?.retryable ?? ERROR_KINDS[code].retryable;
  const without = row || fault ? '' : ' without JSON';
  return new LwiError(code, `${provider.title} answered ${response.status}${without}: ${said}`, {
    provider: provider.id,
    account: call.connection?.account,
    statusCode: response.status,
    providerCode: fault?.providerCode,
    requestId: fault?.requestId ?? requestIdOf(provider, response),
    // Whoever must not come back need not be told when.
    retryAfterMs: retryable ? (retryAfterMs(response.headers, now) ?? fault?.retryAfterMs) : undefined,
    ...(own?.retryable === undefined ? {} : { retryable: own.retryable }),
    hint: fault?.hint ?? own?.hint,
    unsent: own?.unsent,
    answer: response,
  });
}

/** The provider's id of an exchange, by its own header or one that is common; undefined where there is none. */
export function requestIdOf({ api }: Provider, { headers }: Pick<HttpResponse, 'headers'>): string | undefined {
  if (api.requestIdHeader) return headers[api.requestIdHeader];
  return REQUEST_ID_HEADERS.map((name) => headers[name]).find((value) => value);
}

/** The words of a body that nobody could read, on one line. */
function excerpt(response: HttpResponse): string {
  const text = bodyText(response)
    .replace(/<(script|style)\b[^>]*>[^<]*<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text || 'nothing more';
}
