import { PRESETS } from '../../webhooks/presets.ts';
import { asInstant, asObject, asText, defined, parseBytes } from '../json-value.ts';
import type { WebhookEvent, WebhookSettings } from '../webhook-settings.ts';
import { carrierContacts } from './carrier-contacts.ts';
import { carrierId } from './carrier-id.ts';
import { carriers } from './carriers.ts';
import { completedPackets } from './completed-packets.ts';
import { samples } from './sample-events.ts';

/**
 * Lower-case hex of the HMAC-SHA256 of the raw body, as the C# sample of the vendor's webhook page has it; a receiver in use takes off a
 * `sha256=` in front (freightCognition/mcp-alerts `utils/verifier.js`). No time is signed.
 */
export const webhook: WebhookSettings = {
  scheme: PRESETS.mycarrierpackets,
  readEvents,
  samples,
  /** Webhook page: five attempts at 0, 0, 5, 15 and 30 minutes, then only by hand. No event tells of changed or monitored carriers. */
  delivery: {
    retriesForMs: 30 * 60_000,
    covers: [completedPackets.name],
    source: 'mycarrierpackets.com, Webhooks page',
  },
};

/**
 * One event in each body, without an id: the caller makes one. `customer.customerID` is no tenant id that a connection could be found by, as
 * nothing else in the API shows it.
 */
function readEvents(body: Uint8Array, headers: Readonly<Record<string, string>>): readonly WebhookEvent[] {
  const event = parseBytes(body);
  const type = asText(asObject(event)['eventType']) ?? (event === undefined ? undefined : asText(headers['mcp-event']));
  if (type === undefined) return [];
  return [
    defined<WebhookEvent>({
      type,
      ...subjectOf(type, carrierId(asObject(asObject(asObject(event)['eventData'])['carrier']))),
      occurredAt: asInstant(asObject(event)['eventDateTime']),
    }),
  ];
}

/**
 * What an event is about: the stream, and the id where its record can be looked up by the number of the carrier. Incident reports are counted in the
 * carrier's details; the verification of a user shows among the contacts, that of a VIN in no stream.
 */
function subjectOf(type: string, carrier: string | undefined): Pick<WebhookEvent, 'entity' | 'entityId'> {
  const what = /^carrier\.([^.]+)\./.exec(type)?.[1];
  if (what === 'packet') return { entity: completedPackets.name };
  if (what === 'user_verification') return { entity: carrierContacts.name };
  const entity = what === 'incident_report' ? carriers.name : what;
  return { ...(entity === undefined ? {} : { entity }), ...(carrier === undefined ? {} : { entityId: carrier }) };
}
