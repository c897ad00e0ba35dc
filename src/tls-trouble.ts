import type { ErrorFacts } from './errors.ts';

const CLOCK =
  'Check the clock of this machine; if it is right, the provider (or a proxy on the way) has an old certificate.';
const AUTHORITY =
  'Behind a proxy that opens TLS, or with an authority of your own, name its certificate file in NODE_EXTRA_CA_CERTS.';
const NAME = 'Check the address in the config: what answers there is somebody else.';
const PLAIN = 'Check host, port and proxy: what answers there speaks no TLS that fits.';

/** Codes of a certificate that does not hold (Node's documentation of tls, "X509 certificate error codes"), and what helps. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  ...{ CERT_HAS_EXPIRED: CLOCK, CERT_NOT_YET_VALID: CLOCK },
  ...{ ERROR_IN_CERT_NOT_AFTER_FIELD: CLOCK, ERROR_IN_CERT_NOT_BEFORE_FIELD: CLOCK },
  ...{ DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY, SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY, CERT_UNTRUSTED: AUTHORITY },
  ...{ UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY, UNABLE_TO_GET_ISSUER_CERT: AUTHORITY },
  ...{ UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY, INVALID_CA: AUTHORITY, CERT_CHAIN_TOO_LONG: AUTHORITY },
  ...{ CERT_SIGNATURE_FAILURE: AUTHORITY, CERT_REJECTED: AUTHORITY, INVALID_PURPOSE: AUTHORITY, CERT_REVOKED: NAME },
  ...{ ERR_TLS_CERT_ALTNAME_INVALID: NAME, HOSTNAME_MISMATCH: NAME },
};

/** These break a connection that stood: trouble on the way, that a repeat may pass. */
const BROKEN = /BAD_RECORD_MAC|UNEXPECTED_EOF|DECRYPT|BAD_LENGTH|UNEXPECTED_MESSAGE/;
/** What ends a handshake before anything else is sent. */
const HANDSHAKE =
  /WRONG_VERSION|UNSUPPORTED|HANDSHAKE|PROTOCOL_VERSION|NO_CIPHERS|HTTP_REQUEST|UNRECOGNIZED_NAME|TOO_SMALL/;

/** Hint, and whether anything was sent, for a code of TLS trouble (Node's, OpenSSL's); undefined for any other code. */
export function tlsHint(code: string): Pick<ErrorFacts, 'hint' | 'unsent'> | undefined {
  const hint = Object.hasOwn(CERTIFICATE, code) ? CERTIFICATE[code] : undefined;
  if (hint) return { hint, unsent: true };
  if (!/^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(code) || BROKEN.test(code)) return undefined;
  return { hint: PLAIN, unsent: HANDSHAKE.test(code) };
}
