import type { HttpRequest, HttpResponse } from '../http/http.ts';
import { asArray, asNumber, asObject, asText, isObject } from '../providers/json-value.ts';
import { errorRecord, type Invalid } from './error-record.ts';
import type { Exchange } from './exchange.ts';

/**
 * An entry of a HAR file as the exchange that it was, also one that a browser wrote. `place` names it in errors. Throws what
 * `invalid` makes.
 */
export function fromHarEntry(value: unknown, place: string, invalid: Invalid): Exchange {
  const missing = (what: string) => invalid(`${place}.${what} is missing or no HTTP archive has it so`);
  const entry = asObject(value);
  const started = Date.parse(asText(entry['startedDateTime']) ?? '');
  if (Number.isNaN(started)) throw missing('startedDateTime');
  const waitedMs = Math.max(0, asNumber(asObject(entry['timings'])['blocked']) ?? 0);
  const endedAt = started + Math.max(0, asNumber(entry['time']) ?? 0);
  const { status } = asObject(entry['response']);
  if (!Number.isInteger(status)) throw missing('response.status');
  return {
    request: requestOf(entry['request'], missing),
    outcome: outcomeOf(entry, place, invalid, missing),
    ...{ startedAt: Math.min(started + waitedMs, endedAt), endedAt, waitedMs },
  };
}

function requestOf(value: unknown, missing: (what: string) => Error): HttpRequest {
  const request = asObject(value);
  const method = asText(request['method']);
  const url = asText(request['url']);
  if (method === undefined) throw missing('request.method');
  if (url === undefined) throw missing('request.url');
  const body = isObject(request['postData']) ? bodyOf(request['postData']) : undefined;
  return { method: method.toUpperCase(), url, headers: headersOf(request['headers']), ...(body ? { body } : {}) };
}

/** `text` and `params` exclude each other in HAR 1.2; many tools write both. */
function bodyOf(postData: Readonly<Record<string, unknown>>): Uint8Array {
  const text = postData['text'];
  const encoding = postData['_encoding'] ?? postData['encoding'];
  if (typeof text === 'string') return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  return Buffer.from(new URLSearchParams(pairsOf(postData['params'])).toString());
}

function outcomeOf(
  entry: Readonly<Record<string, unknown>>,
  place: string,
  invalid: Invalid,
  missing: (what: string) => Error,
): Exchange['outcome'] {
  const response = asObject(entry['response']);
  const status = Number(response['status']);
  if (status === 0) {
    const { error } = asObject(entry['_lwi']);
    if (error !== undefined) return { error: errorRecord(error, `${place}._lwi.error`, invalid) };
    const said = asText(response['_error']) ?? 'no reason is recorded';
    return { error: { code: 'NETWORK', message: `No answer was recorded (${said}).`, facts: { retryable: false } } };
  }
  const { content } = response;
  if (!isObject(content)) throw missing('response.content');
  const text = typeof content['text'] === 'string' ? content['text'] : '';
  const body: HttpResponse['body'] = Buffer.from(text, content['encoding'] === 'base64' ? 'base64' : 'utf8');
  const reason = asText(response['statusText']);
  return { response: { status, ...(reason ? { reason } : {}), headers: headersOf(response['headers']), body } };
}

/** Names in lower case, several values of one name joined; the pseudo-headers that browsers write for HTTP/2 are left out. */
function headersOf(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, text] of pairsOf(value)) {
    const key = name.toLowerCase();
    if (!key.startsWith(':')) headers[key] = headers[key] === undefined ? text : `${headers[key]}, ${text}`;
  }
  return headers;
}

function pairsOf(value: unknown): [string, string][] {
  return asArray(value).flatMap((pair): [string, string][] => {
    const { name, value: text } = asObject(pair);
    return typeof name === 'string' && typeof text === 'string' ? [[name, text]] : [];
  });
}
