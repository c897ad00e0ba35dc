import type { Secret } from '../secret.ts';
import { deliveryHeaders } from './delivery.ts';
import { headerValues } from './headers.ts';
import type { OutgoingRequest } from './request-sender.ts';
import type { WebhookScheme } from './scheme.ts';
import { sign } from './sign.ts';

export interface SigningOf {
  readonly scheme: WebhookScheme;
  readonly secret: Secret;
  /** ms since the epoch. */
  readonly now: number;
  /** Id of the delivery, where the scheme has a header for it and none is there; absent: one is made. */
  readonly id?: string | undefined;
}

/**
 * The request with a signature of now. Headers of an old one are replaced where they stand and as they are spelled, and what is missing is added at the end; an
 * id that is there stays, because it is the same event. Throws INPUT_INVALID when the secret does not fit the scheme.
 */
export function signedRequest(request: OutgoingRequest, { scheme, secret, now, id }: SigningOf): OutgoingRequest {
  const { bag } = deliveryHeaders(request.headers);
  const { headerAliases = {} } = scheme;
  // Svix sends what Standard Webhooks describes under other names; a capture keeps the names that it has.
  const alias = headerAliases[scheme.signatureHeader];
  const aliased = alias !== undefined && headerValues(bag, alias).length > 0;
  const nameOf = (name: string) => (aliased ? (headerAliases[name] ?? name) : name);
  const [former] = scheme.idHeader === undefined ? [] : headerValues(bag, nameOf(scheme.idHeader));
  const url = signedTarget(request.url);
  const { method, body } = request;
  const fresh = Object.entries(sign({ scheme, secret, body, timestamp: now, id: former ?? id, method, url }));
  const left = new Map(fresh.map(([name, value]) => [nameOf(name), value]));
  const signing = new Set(left.keys());
  const headers: (readonly [string, string])[] = [];
  for (const [spelled, value] of request.headers) {
    const name = spelled.toLowerCase();
    if (!signing.has(name)) headers.push([spelled, value]);
    const again = left.get(name);
    if (again === undefined) continue;
    headers.push([spelled, again]);
    left.delete(name);
  }
  return { ...request, headers: [...headers, ...left] };
}

/** Senders that sign the URL (HubSpot) call https only, and receivers behind a proxy count on that: `verify` fills in the same. */
function signedTarget(url: string): string {
  return url.replace(/^http:/i, 'https:');
}
