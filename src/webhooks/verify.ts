import { type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { explainMismatch } from './explain-mismatch.ts';
import { type HeaderBag, headerValues } from './headers.ts';
import type { Verdict, WebhookScheme } from './scheme.ts';
import { computeMac, covers, type SignedParts, secretKey, signedUrl } from './signature.ts';
import { readClaim, type SignatureClaim } from './signature-header.ts';

export interface VerifyInput {
  readonly scheme: WebhookScheme;
  /** All that are valid now; several while one is being replaced. Empty ones count as none. */
  readonly secrets: readonly Secret[];
  readonly headers: HeaderBag;
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly now: number;
  /** Overrides the scheme's, ms. */
  readonly toleranceMs?: number | undefined;
  /** Method and path are only looked at by schemes that sign them (HubSpot v3). */
  readonly method?: string | undefined;
  /** Path with query, as requested, or the absolute URL. */
  readonly path?: string | undefined;
  /** False: leave out the search for the reason of a mismatch, which costs some more HMACs over the body. Default true. */
  readonly hints?: boolean;
}

export interface VerifyResult {
  readonly verdict: Verdict;
  /** One sentence on what to check. Holds neither secret nor signature. */
  readonly detail: string;
  /** When it was signed, as the delivery says, ms since the epoch; absent where the scheme covers no time. */
  readonly signedAt?: number;
}

/**
 * Whether a delivery was signed with one of the secrets, over exactly these bytes, close enough to `now` in both
 * directions (the edge itself is still good). Pure; constant time in the signature; never throws for bad input.
 */
export function verify(input: VerifyInput): VerifyResult {
  const { scheme } = input;
  const keys = input.secrets.map((secret) => secretKey(scheme, secret)).filter((key) => key !== undefined);
  if (keys.length === 0) return { verdict: 'no-secret', detail: noSecret(input) };

  const claim = readClaim(scheme, input.headers);
  if ('verdict' in claim) return claim;
  const parts = signedParts(input, claim);
  if ('verdict' in parts) return parts;

  const signedAt = claim.signedAt === undefined ? {} : { signedAt: claim.signedAt };
  const fits = matches(scheme, keys, parts, claim.signatures);
  const late = lateness(input, claim.signedAt);
  if (late !== undefined) return { verdict: late.verdict, detail: late.detail(fits), ...signedAt };
  if (fits) return { verdict: 'verified', detail: 'the signature matches', ...signedAt };
  const detail = input.hints === false ? PLAIN_MISMATCH : mismatch(input, keys, parts, claim.signatures);
  return { verdict: 'signature-mismatch', detail, ...signedAt };
}

const PLAIN_MISMATCH = 'no signature matches: another secret, or the body was changed on its way';

/** Every key against every signature, without stopping at the first that fits. */
function matches(
  scheme: WebhookScheme,
  keys: readonly KeyObject[],
  parts: SignedParts,
  signatures: readonly Buffer[],
): boolean {
  let found = false;
  for (const key of keys) {
    const mac = computeMac(scheme, key, parts);
    for (const signature of signatures) found = timingSafeEqual(mac, signature) || found;
  }
  return found;
}

function mismatch(
  input: VerifyInput,
  keys: readonly KeyObject[],
  parts: SignedParts,
  signatures: readonly Buffer[],
): string {
  const { scheme, secrets } = input;
  const hint = explainMismatch({ scheme, keys, secrets, parts, fits: (k, p) => matches(scheme, k, p, signatures) });
  const which = keys.length === 1 ? 'the secret' : `any of the ${keys.length} secrets`;
  return (
    hint ??
    `no signature matches with ${which}: either it is another secret, or the body is not byte for byte what was sent; the two cannot be told apart`
  );
}

function noSecret({ scheme, secrets }: VerifyInput): string {
  if (secrets.every((secret) => secret.reveal() === '')) return 'no secret is known to verify with';
  return `the secret cannot be used: ${scheme.name} secrets are ${scheme.secretEncoding}${scheme.secretPrefix === undefined ? '' : `, behind ${scheme.secretPrefix}`}`;
}

function signedParts(input: VerifyInput, claim: SignatureClaim): SignedParts | VerifyResult {
  const { scheme, body } = input;
  const base = { body, timestamp: claim.timestamp, id: claim.id };
  const url = covers(scheme, 'url');
  if ((url || covers(scheme, 'method')) && (input.method === undefined || input.path === undefined)) {
    return {
      verdict: 'malformed-input',
      detail: 'the signature covers method and URL: give a whole request, not a body',
    };
  }
  if (!url || input.path === undefined) return { ...base, method: input.method };
  const hosts = headerValues(input.headers, 'host');
  const absolute = /^https?:\/\//i.test(input.path);
  if (!absolute && hosts.length !== 1) {
    return {
      verdict: 'missing-header',
      detail: `the signature covers the URL: one host header is needed, ${hosts.length} came`,
    };
  }
  return { ...base, method: input.method, url: signedUrl(scheme, hosts[0] ?? '', input.path) };
}

interface Lateness {
  readonly verdict: 'stale-timestamp' | 'future-timestamp';
  detail(fits: boolean): string;
}

function lateness({ scheme, now, toleranceMs }: VerifyInput, signedAt: number | undefined): Lateness | undefined {
  if (signedAt === undefined) return undefined;
  const tolerance = toleranceMs ?? scheme.toleranceMs;
  // A time in whole seconds may be anywhere in its second; stripe-node, bolt-js and standardwebhooks count like this too.
  const age = (scheme.timestampUnit === 'ms' ? now : Math.floor(now / 1000) * 1000) - signedAt;
  if (Math.abs(age) <= tolerance) return undefined;
  const off = `signed ${seconds(Math.abs(age))} s ${age > 0 ? 'before' : 'after'} now, and ${seconds(tolerance)} s are allowed`;
  const check = age > 0 ? 'for a stored capture give the time at which it came' : 'check the clock of this machine';
  return {
    verdict: age > 0 ? 'stale-timestamp' : 'future-timestamp',
    detail: (fits) => `${off}: ${check}; the signature itself ${fits ? 'matches' : 'does not match either'}`,
  };
}

const seconds = (ms: number): number => Math.ceil(ms / 1000);
