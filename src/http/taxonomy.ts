import { ERROR_KINDS, type ErrorCode } from '../errors.ts';

/**
 * What lwi does by itself about a failure. `refresh`: a new token once, and the request once more. `repeat`: again after growing waits, where a
 * repeat is harmless. `wait`: again after the time that the provider names, whatever the method, because nothing was done. `merge`: the record
 * again, and the change once more on top of it, where the provider has a rule for that. `tell`: nothing, a repeat would fail the same way.
 */
export type Action = 'refresh' | 'repeat' | 'wait' | 'merge' | 'tell';

/** What an answer or its absence means when nobody says better. */
export interface TaxonomyRow {
  /** The HTTP status, or what happened in place of an answer. */
  readonly when: number | string;
  readonly code: ErrorCode;
  readonly meaning: string;
  readonly action: Action;
  /** The next step of the person, where the remedy of the code is too general. */
  readonly hint?: string;
  /** Where this case differs from its code. */
  readonly retryable?: boolean;
  /** Whoever answers so has done nothing: even an unsafe request may be sent again. */
  readonly unsent?: boolean;
}

type Rest = Pick<TaxonomyRow, 'hint' | 'retryable' | 'unsent'>;

const row = (
  when: number | string,
  code: ErrorCode,
  action: Action,
  meaning: string,
  rest: Rest = {},
): TaxonomyRow => ({
  ...{ when, code, meaning, action },
  ...rest,
});

const MOVED = 'The address has moved: give the new one as `apiBaseUrl` or `api.baseUrl` in the config.';
const PRECONDITION = 'Fetch the record again and repeat with what it says now.';
const LOG_IN = 'Log in to the network (a page in the browser asks for it), then run the command again.';

/**
 * The seed's status matrix, and what else RFC 9110 (15), RFC 6585, RFC 4918 (11), RFC 8470 (5.2) and RFC 7725 define. A redirect is never followed:
 * the token would travel where it points. A status without a row is read by its class (RFC 9110, 15).
 */
export const STATUS_ROWS: readonly TaxonomyRow[] = [
  row(301, 'PROVIDER_REFUSED', 'tell', 'moved for good; lwi follows no redirect', { hint: MOVED }),
  row(302, 'PROVIDER_REFUSED', 'tell', 'redirected, often to a login page; lwi follows no redirect'),
  row(303, 'PROVIDER_REFUSED', 'tell', 'the answer is elsewhere; lwi follows no redirect'),
  row(304, 'PROVIDER_REFUSED', 'tell', 'not changed; comes only after a condition in your own headers'),
  row(307, 'PROVIDER_REFUSED', 'tell', 'redirected for now; lwi follows no redirect'),
  row(308, 'PROVIDER_REFUSED', 'tell', 'moved for good; lwi follows no redirect', { hint: MOVED }),
  row(400, 'BAD_REQUEST', 'tell', 'the request is malformed'),
  row(401, 'UNAUTHORIZED', 'refresh', 'the token has expired or is not valid'),
  row(402, 'PROVIDER_REFUSED', 'tell', 'payment is needed: plan or quota do not cover it', {
    hint: 'Check plan and quota at the provider.',
  }),
  row(403, 'FORBIDDEN', 'tell', 'the token may not do this'),
  row(404, 'NOT_FOUND', 'tell', 'there is no such thing'),
  row(405, 'BAD_REQUEST', 'tell', 'the path does not take this method'),
  row(406, 'BAD_REQUEST', 'tell', 'no form of it fits the `accept` header'),
  row(407, 'NETWORK', 'tell', 'a proxy wants credentials', {
    ...{ hint: 'Put user name and password into the URL in HTTPS_PROXY.', retryable: false, unsent: true },
  }),
  row(408, 'TIMEOUT', 'repeat', 'the server did not get the request in time'),
  row(409, 'CONFLICT', 'merge', 'somebody else has changed it meanwhile'),
  row(410, 'NOT_FOUND', 'tell', 'it is gone for good'),
  row(411, 'BAD_REQUEST', 'tell', 'the request does not say how long it is'),
  row(412, 'CONFLICT', 'tell', 'the condition of the request does not hold', { hint: PRECONDITION }),
  row(413, 'BAD_REQUEST', 'tell', 'the request is too large', { hint: 'Send less at once.' }),
  row(414, 'BAD_REQUEST', 'tell', 'the address is too long', { hint: 'Send less in the query.' }),
  row(415, 'BAD_REQUEST', 'tell', 'the body is in a form that is not taken', { hint: 'Give another content-type.' }),
  row(416, 'BAD_REQUEST', 'tell', 'there is no such part of it'),
  row(417, 'BAD_REQUEST', 'tell', 'the `expect` header is not met'),
  row(421, 'PROVIDER_REFUSED', 'tell', 'this server does not answer for that host, not on a new connection either'),
  row(422, 'VALIDATION_FAILED', 'tell', 'the data do not fit'),
  row(423, 'CONFLICT', 'tell', 'it is locked', { hint: 'Wait until the lock is gone, then run the command again.' }),
  row(424, 'PROVIDER_REFUSED', 'tell', 'something that it depends on has failed'),
  row(425, 'SERVER_ERROR', 'repeat', 'the server will not risk an early request', { unsent: true }),
  row(426, 'PROVIDER_REFUSED', 'tell', 'the server wants another protocol'),
  row(428, 'BAD_REQUEST', 'tell', 'the request must be conditional', { hint: 'Send the `if-match` header.' }),
  row(429, 'RATE_LIMITED', 'wait', 'too many requests'),
  row(431, 'BAD_REQUEST', 'tell', 'the headers are too large'),
  row(451, 'PROVIDER_REFUSED', 'tell', 'withheld for legal reasons'),
  row(500, 'SERVER_ERROR', 'repeat', 'the server failed'),
  row(501, 'PROVIDER_REFUSED', 'tell', 'the server does not know this method'),
  row(502, 'SERVER_ERROR', 'repeat', 'a gateway got no good answer'),
  row(503, 'SERVER_ERROR', 'repeat', 'the service is overloaded or in maintenance'),
  row(504, 'SERVER_ERROR', 'repeat', 'a gateway waited too long'),
  row(505, 'PROVIDER_REFUSED', 'tell', 'the server does not speak this HTTP version'),
  row(506, 'PROVIDER_REFUSED', 'tell', 'the server is misconfigured'),
  row(507, 'PROVIDER_REFUSED', 'tell', 'the provider has no room left for it', { hint: 'Make room at the provider.' }),
  row(508, 'PROVIDER_REFUSED', 'tell', 'the server ran in a circle'),
  row(510, 'PROVIDER_REFUSED', 'tell', 'the request lacks an extension'),
  row(511, 'NETWORK', 'tell', 'the network wants a login', { hint: LOG_IN, retryable: false, unsent: true }),
];

/** What can happen in place of an answer, or with a success that is none. */
export const TROUBLE_ROWS: readonly TaxonomyRow[] = [
  row(
    'refused or broken connection',
    'NETWORK',
    'repeat',
    'no connection, or it broke off before the answer was whole',
  ),
  row('name not found', 'DNS', 'repeat', 'the name of the host cannot be resolved; nothing was sent', { unsent: true }),
  row('certificate or handshake', 'TLS', 'tell', 'the certificate does not hold, or the other side speaks no TLS'),
  row('time over', 'TIMEOUT', 'repeat', 'one of the timeouts ran out; the message names it'),
  row(
    'body that is none',
    'BAD_RESPONSE',
    'repeat',
    'a success without the JSON that was asked for: a login or outage page',
  ),
  row('body too large', 'BAD_RESPONSE', 'tell', 'more than 64 MiB', {
    retryable: false,
    hint: 'Ask for less at once.',
  }),
  row('circuit open', 'CIRCUIT_OPEN', 'tell', 'the provider has failed too often; nothing was sent', { unsent: true }),
];

const BY_STATUS = new Map(STATUS_ROWS.map((each) => [each.when, each]));

/** What a status means; undefined for success. */
export function rowOfStatus(status: number): TaxonomyRow | undefined {
  if (status >= 200 && status < 300) return undefined;
  const known = BY_STATUS.get(status);
  if (known) return known;
  if (status >= 500) return row(status, 'SERVER_ERROR', 'repeat', 'trouble at the provider');
  if (status >= 300) return row(status, 'PROVIDER_REFUSED', 'tell', 'refused');
  return row(status, 'BAD_RESPONSE', 'repeat', 'no final answer');
}

/** Error code of a status; undefined for success. */
export function codeOfStatus(status: number): ErrorCode | undefined {
  return rowOfStatus(status)?.code;
}

/** Whether the same request may succeed later with nothing changed. */
export function isRetryable({ code, retryable }: TaxonomyRow): boolean {
  return retryable ?? ERROR_KINDS[code].retryable;
}
