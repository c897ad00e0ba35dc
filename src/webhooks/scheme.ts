/**
 * How a provider signs its webhooks, as data. The signed bytes are a template of `{timestamp}`, `{id}` and `{body}`;
 * the body goes in as raw bytes, never as text.
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
  /** Header with the time of signing in epoch seconds; absent: the signature covers no time. */
  readonly timestampHeader?: string;
  /** Furthest that the signed time may be from now, in either direction, ms. */
  readonly toleranceMs: number;
  readonly idHeader?: string;
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
