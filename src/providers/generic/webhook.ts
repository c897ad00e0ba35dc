import { dottedValue } from '../../dotted-path.ts';
import { schemeFrom, type WebhookDefinition } from '../../webhooks/presets.ts';
import type { WebhookScheme } from '../../webhooks/scheme.ts';
import { asText, isObject, parseBytes } from '../json-value.ts';
import type { WebhookEvent, WebhookSettings } from '../webhook-settings.ts';
import { samplesFor } from './sample-events.ts';

/** Where bodies name the kind of event, most usual first. */
const TYPE_MEMBERS = ['type', 'event', 'event_type', 'eventType', 'topic', 'subscriptionType'];

/** The webhook of a definition. */
export function webhookFromDefinition(definition: WebhookDefinition): WebhookSettings {
  const scheme = schemeFrom(definition);
  return {
    scheme,
    readEvents: (body, headers) => readEvents(scheme, body, headers),
    samples: samplesFor(scheme),
  };
}

function readEvents(
  scheme: WebhookScheme,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): readonly WebhookEvent[] {
  const parsed = parseBytes(body);
  const headerId = scheme.idHeader === undefined ? undefined : headers[scheme.idHeader];
  const headerType = scheme.typeHeader === undefined ? undefined : headers[scheme.typeHeader];
  const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return items.filter(isObject).map((item) => {
    // An id in the body counts only where the scheme says so: it is often the id of the record, the same for each change.
    const id = (items.length === 1 ? headerId : undefined) ?? textAt(item, scheme.idField);
    const type = headerType ?? TYPE_MEMBERS.map((name) => textAt(item, name)).find((found) => found !== undefined);
    // A definition does not say where a body names the record: that something happened is a reason to poll.
    return { ...(id === undefined ? {} : { id }), type: type ?? 'unknown', gap: true };
  });
}

function textAt(item: Readonly<Record<string, unknown>>, path: string | undefined): string | undefined {
  return path === undefined ? undefined : asText(dottedValue(item, path));
}
