import type { HeaderBag } from './headers.ts';

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
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that refuses: `{error, message}`. */
export function refusal(outcome: DeliveryOutcome, status: number, error: string, message: string): DeliveryAnswer {
  return { outcome, status, body: { error, message }, ...(status === 503 ? { headers: { 'retry-after': '5' } } : {}) };
}

/** Header pairs as a bag, for verification. */
export function bagOf(pairs: Delivery['headers']): HeaderBag {
  const bag: Record<string, string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    const values = bag[name] ?? [];
    values.push(value);
    bag[name] = values;
  }
  return bag;
}

/** The same in lower case, several values of one name joined by `, ` (RFC 9110, 5.3), for reading events. */
export function joinedHeaders(pairs: Delivery['headers']): Readonly<Record<string, string>> {
  const joined: Record<string, string> = Object.create(null);
  for (const [spelled, value] of pairs) {
    const name = spelled.toLowerCase();
    joined[name] = joined[name] === undefined ? value : `${joined[name]}, ${value}`;
  }
  return joined;
}

/** Credentials of the sender, or of a proxy on the way, have no business in a database. */
export function withoutCredentials(pairs: Delivery['headers']): Delivery['headers'] {
  return pairs.filter(([name]) => !/^(authorization|proxy-authorization|cookie)$/i.test(name));
}
