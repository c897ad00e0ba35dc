import type { HttpRequest } from '../http/http.ts';
import { isSecretHeader, REDACTED } from '../http/redact.ts';
import { type Exchange, isForm, toBytes } from './exchange.ts';
import type { ErrorRecord } from './har.ts';
import type { Redactor } from './redactor.ts';

/** The exchange without credentials: in URL, headers, bodies and what was said of a failure. */
export function redactExchange(exchange: Exchange, redactor: Redactor): Exchange {
  const { outcome } = exchange;
  if ('error' in outcome) {
    const error = redactor.json(outcome.error) as ErrorRecord;
    return { ...exchange, request: redactRequest(exchange.request, redactor), outcome: { error } };
  }
  const { status, reason, headers, body } = outcome.response;
  const response = {
    status,
    ...(reason === undefined ? {} : { reason: redactor.text(reason) }),
    headers: redactHeaders(headers, redactor),
    body: redactor.bytes(body, isForm(headers['content-type'])),
  };
  return { ...exchange, request: redactRequest(exchange.request, redactor), outcome: { response } };
}

/** The request without credentials; equal requests stay equal. */
export function redactRequest({ method, url, headers, body }: HttpRequest, redactor: Redactor): HttpRequest {
  const form = isForm(headers['content-type']);
  return {
    method,
    url: redactor.url(url),
    headers: redactHeaders(headers, redactor),
    ...(body === undefined ? {} : { body: redactor.bytes(toBytes(body), form) }),
  };
}

function redactHeaders(headers: Readonly<Record<string, string>>, redactor: Redactor): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? REDACTED : redactor.text(value)]),
  );
}
