import type { HttpRequest, HttpResponse } from '../http/http.ts';
import type { ErrorRecord, HarContent, HarEntry, HarPair, HarPostData, HarResponse } from './har.ts';

/** One request on the wire and how it ended. */
export interface Exchange {
  readonly request: HttpRequest;
  /** Either an answer or what was thrown. */
  readonly outcome: { readonly response: HttpResponse } | { readonly error: ErrorRecord };
  /** ms since the epoch, whole. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** ms that the request waited for a permit before it started, whole. */
  readonly waitedMs: number;
}

/** The protocol's version is not known above `fetch`. */
const HTTP_VERSION = 'unknown';

/** The exchange as an entry of HAR 1.2. Nothing is taken out here. */
export function toEntry({ request, outcome, startedAt, endedAt, waitedMs }: Exchange): HarEntry {
  const wait = endedAt - startedAt;
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  const body = request.body === undefined ? undefined : toBytes(request.body);
  return {
    startedDateTime: new Date(startedAt - waitedMs).toISOString(),
    time: waitedMs + wait,
    request: {
      ...{ method: request.method, url: request.url, httpVersion: HTTP_VERSION, cookies: [] },
      headers: toPairs(Object.entries(request.headers)),
      queryString: toPairs(url?.searchParams ?? []),
      ...(body === undefined ? {} : { postData: toPostData(body, request.headers['content-type'] ?? '') }),
      ...{ headersSize: -1, bodySize: body?.length ?? 0 },
    },
    response: 'response' in outcome ? toResponse(outcome.response) : noResponse(outcome.error),
    cache: {},
    timings: { blocked: waitedMs, dns: -1, connect: -1, ssl: -1, send: 0, wait, receive: 0 },
  };
}

/** A text as its bytes in UTF-8. */
export function toBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

/** Whether a media type is that of a form. */
export function isForm(mimeType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(mimeType ?? '');
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes as text if they are UTF-8, else in base64. */
function toText(bytes: Uint8Array): { text: string; encoding?: 'base64' } {
  try {
    return { text: decoder.decode(bytes) };
  } catch {
    return { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

function toPairs(pairs: Iterable<[string, string]>): HarPair[] {
  return Array.from(pairs, ([name, value]) => ({ name, value }));
}

function toPostData(body: Uint8Array, mimeType: string): HarPostData {
  const { text, encoding } = toText(body);
  if (encoding) return { mimeType, text, _encoding: encoding };
  return { mimeType, ...(isForm(mimeType) ? { params: toPairs(new URLSearchParams(text)) } : {}), text };
}

function toResponse({ status, reason, headers, body }: HttpResponse): HarResponse {
  const content: HarContent = {
    size: body.length,
    mimeType: headers['content-type'] ?? 'x-unknown',
    ...(body.length === 0 ? {} : toText(body)),
  };
  return {
    ...{ status, statusText: reason ?? '', httpVersion: HTTP_VERSION, cookies: [] },
    headers: toPairs(Object.entries(headers)),
    content,
    redirectURL: headers['location'] ?? '',
    headersSize: -1,
    bodySize: headers['content-encoding'] ? -1 : body.length,
  };
}

function noResponse({ code, message }: ErrorRecord): HarResponse {
  return {
    ...{ status: 0, statusText: '', httpVersion: HTTP_VERSION, cookies: [], headers: [] },
    content: { size: 0, mimeType: 'x-unknown' },
    ...{ redirectURL: '', headersSize: -1, bodySize: -1 },
    _error: `${code}: ${message}`,
  };
}
