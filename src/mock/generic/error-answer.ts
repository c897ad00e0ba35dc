import { jsonAnswer, tokenAnswer } from '../answer.ts';

/** Words for the statuses, as APIs like to have beside them. */
const CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  429: 'rate_limited',
};

/** An error of the API of which nothing is known: the most usual form, `{error: {code, message}}`. */
export function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  const code = CODES[status] ?? (status < 500 ? 'request_failed' : 'server_error');
  return jsonAnswer({ error: { code, message } }, status, headers);
}

/** 401 for a token that is no good. A request without any is told no error code (RFC 6750, 3.1). */
export function deniedAnswer(why: string | undefined): Response {
  if (why === undefined) return refusal(401, 'A token is needed.', { 'www-authenticate': 'Bearer' });
  const what = why === 'unknown' ? 'The access token is not known' : `The access token is ${why}`;
  const challenge = `Bearer error="invalid_token", error_description="${what}"`;
  return refusal(401, `${what}.`, { 'www-authenticate': challenge });
}

/** An error of an OAuth endpoint (RFC 6749, 5.2). */
export function oauthError(error: string, description?: string): Response {
  const body = { error, ...(description === undefined ? {} : { error_description: description }) };
  // 5.2: 401 says which scheme the client may use.
  const headers: Record<string, string> =
    error === 'invalid_client' ? { 'www-authenticate': 'Basic realm="mock"' } : {};
  return tokenAnswer(body, error === 'invalid_client' ? 401 : 400, headers);
}
