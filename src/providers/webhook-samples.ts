import type { Random } from '../clock.ts';

/** Deliveries as the provider makes them, so that a receiver can be tried without it. Data and pure functions, like all of a provider. */
export interface WebhookSamples {
  /** What there is, in the order in which it is listed; empty: any name will do. */
  readonly events: readonly SampleEvent[];
  /** The forms in which the provider sends an event, the one of today first (QuickBooks: `cloudevents`, `legacy`). Absent: there is one. */
  readonly formats?: readonly string[];
  /** A fresh delivery of that name; undefined where there is none. Not signed yet. */
  make(event: string, facts: SampleFacts): SampleDelivery | undefined;
}

export interface SampleEvent {
  /** Name on the command line: `invoice.updated`, `message_changed`. */
  readonly event: string;
  /** When the provider sends it, for people, without a full stop. */
  readonly about: string;
}

export interface SampleFacts {
  /** ms since the epoch. */
  readonly now: number;
  readonly random: Random;
  /** The tenant that the event is to be about; absent: one that is made up. */
  readonly externalId?: string | undefined;
  /** One of `formats`; absent: the first. */
  readonly format?: string | undefined;
}

export interface SampleDelivery {
  /** Without those of the signature. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of the body. */
  readonly body: unknown;
  /** Id of the delivery, where the scheme has a header for it. */
  readonly id?: string;
}

/** So many characters of the alphabet, by chance. */
export function randomText(random: Random, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

/** A UUID by chance (RFC 9562, 5.4). */
export function randomUuid(random: Random): string {
  const hex = (length: number) => randomText(random, length, '0123456789abcdef');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${randomText(random, 1, '89ab')}${hex(3)}-${hex(12)}`;
}
