import { type HeaderBag, inLowerCase } from './headers.ts';
import type { Verdict } from './scheme.ts';

/** A request to a webhook path, read whole and not yet judged. */
export interface Delivery {
  readonly provider: string;
  /** The account that its path names; absent: none. */
  readonly account?: string | undefined;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** As they came, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The bytes as they came. */
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

/** What became of a delivery; the label of its metric. */
export type DeliveryOutcome =
  | 'accepted'
  | 'duplicate'
  | 'handshake'
  | 'unknown-tenant'
  | 'unverified'
  | 'malformed'
  | 'too-large'
  | 'unknown-provider'
  | 'overloaded'
  | 'failed';

/** An answer to the sender: always JSON. */
export interface DeliveryAnswer {
  readonly outcome: DeliveryOutcome;
  /** Why it does not verify. */
  readonly reason?: Verdict;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a delivery was not taken. */
export interface DeliveryTrouble {
  /** What was thrown when it was judged or stored. */
  readonly error?: unknown;
  /** Why it does not verify. */
  readonly reason?: Verdict | undefined;
}

/** An answer that refuses: `{error, message}`. */
export function refusal(outcome: DeliveryOutcome, status: number, error: string, message: string): DeliveryAnswer {
  return { outcome, status, body: { error, message }, ...(status === 503 ? { headers: { 'retry-after': '5' } } : {}) };
}

export const UNKNOWN_PROVIDER = refusal(
  'unknown-provider',
  404,
  'unknown-provider',
  'No webhook of such a provider is known here.',
);

/** The headers of a delivery in lower case, read once for all that look at them. */
export interface DeliveryHeaders {
  /** For verification: a header that came several times has several values. */
  readonly bag: HeaderBag;
  /** For reading events: several values of one name are joined by `, ` (RFC 9110, 5.3). */
  readonly joined: Readonly<Record<string, string>>;
}

export function deliveryHeaders(pairs: Delivery['headers']): DeliveryHeaders {
  const single: Record<string, string> = Object.create(null);
  let several: Record<string, string[]> | undefined;
  for (const [spelled, value] of pairs) {
    const name = spelled.toLowerCase();
    const before = single[name];
    if (before === undefined) {
      single[name] = value;
      continue;
    }
    several ??= Object.create(null) as Record<string, string[]>;
    several[name] = [...(several[name] ?? [before]), value];
    single[name] = `${before}, ${value}`;
  }
  const bag = several ? Object.assign(Object.create(null), single, several) : single;
  return { joined: single, bag: inLowerCase(bag) };
}

/** The joined ones alone. */
export function joinedHeaders(pairs: Delivery['headers']): DeliveryHeaders['joined'] {
  return deliveryHeaders(pairs).joined;
}

/** Credentials of the sender, or of a proxy on the way, have no business in a database. */
export function withoutCredentials(pairs: Delivery['headers']): Delivery['headers'] {
  return pairs.filter(([name]) => !CREDENTIALS.has(name.toLowerCase()));
}

const CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie']);
