import type { WebhookScheme } from '../webhooks/scheme.ts';
import type { WebhookSamples } from './webhook-samples.ts';

/** How webhooks of a provider are verified and read. */
export interface WebhookSettings {
  readonly scheme: WebhookScheme;
  /** What a verified body says, as one or several events; [] when it cannot be read. Pure, never throws. */
  readEvents(body: Uint8Array, headers: Readonly<Record<string, string>>): readonly WebhookEvent[];
  /**
   * The JSON that answers a request which only tries the address and tells of nothing (Slack's `url_verification`); undefined for all others. Asked before the
   * request is verified, for those that carry no signature, and again after. Pure, never throws.
   */
  handshake?(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    verified: boolean,
  ): Readonly<Record<string, string | boolean>> | undefined;
  /** How the provider delivers, as far as it says so. Absent: nothing is known. */
  readonly delivery?: DeliveryFacts;
  /** Events to try a receiver with. Absent: there are none. */
  readonly samples?: WebhookSamples;
}

/** What a provider promises of its webhooks; what it does not say is left out. */
export interface DeliveryFacts {
  /** A later answer counts as a failure, ms. */
  readonly answerWithinMs?: number;
  /** How long it tries again after the first failure, ms; `unlimited`: it does not stop. */
  readonly retriesForMs?: number | 'unlimited';
  /** Whether events come in the order in which things happened. */
  readonly ordered?: boolean;
  /** Streams whose records have events. Absent: nobody knows, any or none. */
  readonly covers?: readonly string[];
  /** Where that is written. */
  readonly source: string;
}

/** One event of a verified body. */
export interface WebhookEvent {
  /** The provider's id of the event, where it has one. */
  readonly id?: string;
  readonly type: string;
  /** The tenant at the provider that the event is about. */
  readonly externalId?: string;
  /** What changed, where the event names it: the name of the stream, or the provider's own word where no stream fits. */
  readonly entity?: string;
  readonly entityId?: string;
  /** The event says that the record is gone. */
  readonly deleted?: boolean;
  /** It says that something has changed or that events were lost, and not what: only a poll can tell. */
  readonly gap?: boolean;
  /** ms since the epoch. */
  readonly occurredAt?: number;
}
