import { dottedValue } from '../../dotted-path.ts';
import { bodyJson, type HttpResponse } from '../../http/http.ts';
import type { ProviderFault } from '../provider.ts';

/** Characters of a provider's message that are kept. */
const MESSAGE_LIMIT = 300;
const CODE_LIMIT = 64;

/**
 * Where error bodies say what is wrong, best first: RFC 6749 (5.2), the common `error: {message}`, plain `message`, and
 * problem details (RFC 9457, `detail` before `title`). A bare `error` text comes last, because it is often just a code.
 */
const MESSAGE_PATHS = ['error_description', 'error.message', 'message', 'detail', 'title', 'errors.0.message', 'error'];
const CODE_PATHS = ['error.code', 'code', 'errors.0.code', 'error'];

/** The fault of an answer of 400 and above: a message and perhaps a code out of its body; the status decides the rest. */
export function classifyAnswer(response: HttpResponse, requestIdHeader: string | undefined): ProviderFault | undefined {
  if (response.status < 400) return undefined;
  const body = bodyJson(response);
  const providerCode = firstText(body, CODE_PATHS, CODE_LIMIT);
  const requestId = requestIdHeader === undefined ? undefined : response.headers[requestIdHeader];
  return {
    message: firstText(body, MESSAGE_PATHS, MESSAGE_LIMIT) ?? `HTTP ${response.status}`,
    ...(providerCode === undefined ? {} : { providerCode }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function firstText(body: unknown, paths: readonly string[], limit: number): string | undefined {
  for (const path of paths) {
    const value = dottedValue(body, path);
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text === 'string' && text.trim() !== '') return bounded(text, limit);
  }
  return undefined;
}

/** One line without control characters, which could steer a terminal. */
function bounded(text: string, limit: number): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).trimEnd()}…`;
}
