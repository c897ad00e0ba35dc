import { formatSpan } from '../span.ts';

/** Answers of the resolver (getaddrinfo(3), c-ares). */
const DNS = /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_[A-Z]+)$/;
/** Codes of a certificate that does not hold, and of a handshake that fails (Node's documentation of tls, "X509 certificate error codes"). */
const TLS = /CERT|ISSUER|SIGNATURE|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|^ERR_SSL_|^ERR_TLS_|^EPROTO$/;
const NO_ADDRESS = /^ERR_INVALID_(URL|PROTOCOL)$/;
/** What node refuses to write into a request, addresses included (Node's documentation of errors). */
const UNWRITABLE = /^ERR_(INVALID_[A-Z_]+|UNESCAPED_CHARACTERS|HTTP_INVALID_HEADER_VALUE)$/;

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed without an answer',
  EPIPE: 'connection closed without an answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no connection (ETIMEDOUT)',
};

/** Why a request got no answer, in a few words for people. Quotes nothing of the request. `error` is what node:http gave. */
export function sendFailure(error: unknown, hostname: string): string {
  const code = codeOf(error);
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words) return words;
  if (NO_ADDRESS.test(code)) return 'not sent: this is no http or https address';
  if (UNWRITABLE.test(code))
    return `not sent: the method, the path or a header holds characters that HTTP does not allow (${code})`;
  if (DNS.test(code)) return `DNS: the name ${hostname} cannot be resolved (${code})`;
  if (code.startsWith('HPE_')) return `the answer is no HTTP/1.1 (${code})`;
  if (TLS.test(code)) return `TLS: no safe connection (${code})`;
  return `no connection${code === '' ? '' : ` (${code})`}`;
}

/** The same for a deadline that has passed. */
export function sendTimeout(ms: number): string {
  return `timeout after ${formatSpan(ms)}`;
}

/** Whether not a byte of it was sent, and none ever will be: the request itself is at fault. */
export function isUnsendable(error: unknown): boolean {
  return UNWRITABLE.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
