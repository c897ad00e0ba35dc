/**
 * How a provider signs its webhooks, as data. The signed bytes are a template of `{timestamp}`, `{id}`, `{body}`,
 * `{method}` and `{url}`; the body goes in as raw bytes, never as text.
 */
export interface WebhookScheme {
  readonly name: string;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64' | 'base64url';
  /** Header that carries the signature, lower case. */
  readonly signatureHeader: string;
  /** Text in front of the signature; `prefixOptional` accepts signatures without it. */
  readonly prefix: string;
  readonly prefixOptional: boolean;
  /** E.g. `v0:{timestamp}:{body}` (Slack), `{body}` (Intuit). Must contain `{body}` exactly once. */
  readonly signed: string;
  /** Header with the time of signing, lower case; absent, and no `timestampPrefix` either: the signature covers no time. */
  readonly timestampHeader?: string;
  /** Furthest that the signed time may be from now, in either direction, ms. A time in seconds is compared in whole seconds. */
  readonly toleranceMs: number;
  readonly idHeader?: string;
  /**
   * What stands between the entries of a signature header with several (Stripe: a comma, Standard Webhooks: a blank).
   * Entries that begin with `prefix` are signatures, of which one must match; others are left alone. Absent: one signature.
   */
  readonly separator?: string;
  /** Start of the entry of the signature header that holds the time (Stripe: `t=`), instead of `timestampHeader`. */
  readonly timestampPrefix?: string;
  /** Unit of the signed time; absent: seconds. */
  readonly timestampUnit?: 's' | 'ms';
  /** How the secret becomes the key. Absent: its UTF-8 bytes. Else decoded, after `secretPrefix` is taken off if it is there. */
  readonly secretEncoding?: 'base64' | 'hex';
  readonly secretPrefix?: string;
  /** `hubspot`: some percent-encodings of the URL are decoded before it is signed. Absent: it is signed as requested. */
  readonly urlForm?: 'hubspot';
  /** Other names of the headers, used together when the signature comes under its other name (Svix: `svix-…`). */
  readonly headerAliases?: Readonly<Record<string, string>>;
  /** Header that names the kind of event. */
  readonly typeHeader?: string;
  /** Dotted path of the event id in a JSON body, for deliveries where no header carries one. */
  readonly idField?: string;
}

export const VERDICTS = [
  'verified',
  'missing-header',
  'malformed-header',
  'stale-timestamp',
  'future-timestamp',
  'signature-mismatch',
  'no-secret',
  'malformed-input',
] as const;
export type Verdict = (typeof VERDICTS)[number];
