import { createHash } from 'node:crypto';
import { LwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { WebhookScheme } from './scheme.ts';
import { computeMac, covers, encodeMac, secretKey, signedUrl } from './signature.ts';

export interface SignInput {
  readonly scheme: WebhookScheme;
  readonly secret: Secret;
  readonly body: Uint8Array;
  /** Time of signing, ms since the epoch; cut to whole seconds where the scheme counts those. */
  readonly timestamp: number;
  /** Id of the delivery, where the scheme has a header for it; absent: one made of the body and the time. */
  readonly id?: string | undefined;
  /** Needed by schemes that sign method and URL (HubSpot v3) only; the URL is absolute. */
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * The headers that a true delivery would carry, names in lower case. `verify` with the same secret and time accepts them.
 * Throws INPUT_INVALID when the secret cannot be used or method and URL are signed and were not given.
 */
export function sign(input: SignInput): Record<string, string> {
  const { scheme, body } = input;
  const key = secretKey(scheme, input.secret);
  if (key === undefined) throw new LwiError('INPUT_INVALID', `the webhook secret cannot be used for ${scheme.name}`);
  const timestamp = String(Math.floor(input.timestamp / (scheme.timestampUnit === 'ms' ? 1 : 1000)));
  const id = input.id ?? deliveryId(body, timestamp);
  const mac = computeMac(scheme, key, { body, timestamp, id, ...target(input) });
  // Where a prefix is only seen at times, true deliveries come without it.
  const signature = `${scheme.prefixOptional ? '' : scheme.prefix}${encodeMac(scheme, mac)}`;
  const inHeader =
    scheme.timestampPrefix === undefined
      ? signature
      : `${scheme.timestampPrefix}${timestamp}${scheme.separator}${signature}`;
  return {
    ...(scheme.idHeader === undefined ? {} : { [scheme.idHeader]: id }),
    ...(scheme.timestampHeader === undefined ? {} : { [scheme.timestampHeader]: timestamp }),
    [scheme.signatureHeader]: inHeader,
  };
}

function target({ scheme, method, url }: SignInput): { method?: string; url?: string } {
  const needed = { method: covers(scheme, 'method'), url: covers(scheme, 'url') };
  if (!needed.method && !needed.url) return {};
  if ((needed.method && method === undefined) || (needed.url && url === undefined)) {
    const what = needed.method && needed.url ? 'method and URL: both' : needed.url ? 'the URL: it' : 'the method: it';
    throw new LwiError('INPUT_INVALID', `${scheme.name} signs ${what} must be given`);
  }
  return {
    ...(needed.method && method !== undefined ? { method } : {}),
    ...(needed.url && url !== undefined ? { url: signedUrl(scheme, '', url) } : {}),
  };
}

/** Same body and second, same id: signing stays a pure function. */
function deliveryId(body: Uint8Array, timestamp: string): string {
  const digest = createHash('sha256').update(timestamp).update('.').update(body).digest('hex');
  return `msg_${digest.slice(0, 24)}`;
}
