import { PRESETS } from '../../webhooks/presets.ts';
import { asArray, asId, asInstant, asObject, asText, defined, parseBytes } from '../json-value.ts';
import type { WebhookEvent, WebhookSettings } from '../webhook-settings.ts';
import { entityNamed } from './entities.ts';
import { samples } from './sample-events.ts';

/**
 * `intuit-signature` is the base64 of the HMAC-SHA256 of the raw body under the verifier token; no time is signed.
 * Source: intuit/QuickBooks-V3-DotNET-SDK `WebhooksService.cs`, ej2/python-quickbooks `quickbooks/client.py`.
 */
export const webhook: WebhookSettings = {
  scheme: PRESETS.intuit,
  readEvents,
  samples,
  /**
   * Best-practices page: 200 within 3 s; tried again from 10 s to 6 h apart, then every 6 h. Order is promised on one page
   * and not on another; which entities have events, the app's owner chooses in the portal.
   */
  delivery: {
    answerWithinMs: 3000,
    retriesForMs: 'unlimited',
    ordered: false,
    source: 'developer.intuit.com, webhooks best practices',
  },
};

/**
 * An array is CloudEvents, an object with `eventNotifications` the older form (blogs.intuit.com 2025/11/12). One body may speak of several
 * realms. The older form has no event ids: the caller makes them.
 */
function readEvents(body: Uint8Array): readonly WebhookEvent[] {
  const parsed = parseBytes(body);
  if (Array.isArray(parsed)) return parsed.flatMap(cloudEvent);
  return asArray(asObject(parsed)['eventNotifications']).flatMap((notification) => {
    const { realmId, dataChangeEvent } = asObject(notification);
    return asArray(asObject(dataChangeEvent)['entities']).flatMap((change) => legacyEvent(change, asId(realmId)));
  });
}

function cloudEvent(event: unknown): WebhookEvent[] {
  const members = asObject(event);
  const type = asText(members['type']);
  if (!type) return [];
  const [, name, action] = /^qbo\.([^.]+)\.([^.]+)\./.exec(type) ?? [];
  return [
    defined<WebhookEvent>({
      id: asText(members['id']),
      type,
      externalId: asId(members['intuitaccountid']),
      entity: name && (entityNamed(name)?.stream ?? name),
      entityId: asId(members['intuitentityid']),
      deleted: action === 'deleted' || undefined,
      occurredAt: asInstant(members['time']),
    }),
  ];
}

function legacyEvent(change: unknown, externalId: string | undefined): WebhookEvent[] {
  const members = asObject(change);
  const name = asText(members['name']);
  const operation = asText(members['operation']);
  if (!name || !operation) return [];
  return [
    defined<WebhookEvent>({
      type: `${name}.${operation}`,
      externalId,
      entity: entityNamed(name)?.stream ?? name,
      entityId: asId(members['id']),
      deleted: operation === 'Delete' || undefined,
      occurredAt: asInstant(members['lastUpdated']),
    }),
  ];
}
