import { boundedText } from '../../bounded-text.ts';
import type { HttpResponse } from '../../http/http.ts';
import { asArray, asNumber, asObject, asText, defined, parseBytes } from '../json-value.ts';
import type { ProviderFault } from '../provider.ts';
import { errorOfFaultCode } from './fault-codes.ts';

/** How nearly every success begins; then the rest need not be parsed. */
const SUCCESS = /^\s*\{\s*"ok"\s*:\s*true\b/;
const MESSAGE_LIMIT = 400;

/** Reads `ok:false`, which comes with status 200 for nearly every failure. What is not Slack's JSON is left to the status. */
export function classify(response: HttpResponse): ProviderFault | undefined {
  if (SUCCESS.test(new TextDecoder().decode(response.body.subarray(0, 64)))) return undefined;
  const body = asObject(parseBytes(response.body));
  const error = asText(body['error']);
  if (body['ok'] !== false && !(error && response.status >= 400)) return undefined;
  const seconds = asNumber(body['retry_after']);
  const code = errorOfFaultCode(error);
  return defined<ProviderFault>({
    code,
    providerCode: error,
    message: boundedText(messageOf(error ?? 'failed without naming an error', body), MESSAGE_LIMIT),
    refresh: code === 'UNAUTHORIZED' || undefined,
    // The body of a throttled incoming webhook has the seconds too; a header wins over it.
    retryAfterMs: code === 'RATE_LIMITED' && seconds !== undefined ? Math.max(0, seconds * 1000) : undefined,
    requestId: response.headers['x-slack-req-id'],
  });
}

function messageOf(error: string, body: Readonly<Record<string, unknown>>): string {
  const needed = asText(body['needed']);
  if (error === 'missing_scope' && needed) {
    return `missing_scope: it needs ${needed}; the token has ${asText(body['provided']) ?? 'no scopes'}`;
  }
  const notes = asArray(asObject(body['response_metadata'])['messages']).map(asText).filter(Boolean);
  return [error, ...notes].join('; ');
}
