import { createHmac } from 'node:crypto';
import { schemeFrom, type WebhookDefinition } from '../../webhooks/presets.ts';
import type { WebhookScheme } from '../../webhooks/scheme.ts';
import type { SignedEvent } from '../provider-fake.ts';
import { hashOf } from '../seeded-random.ts';
import { placeValue } from './placed-value.ts';

/** What an event is made from. */
interface EventParts {
  /** As it is written in a variable: text that the scheme decodes into a key. */
  readonly secret: string;
  /** ms since the epoch. */
  readonly now: number;
  /** Opaque, another one for each event. */
  readonly id: string;
  /** `event` is its name (default `record.updated`), `id` the record's, `to` where it goes. */
  readonly parameters: URLSearchParams;
}

/** The secret of a mock that was given none, in the form that the scheme asks for. */
export function demoSecret(id: string, webhook: WebhookDefinition): string {
  const { secretEncoding, secretPrefix = '' } = schemeFrom(webhook);
  const text = `lwi-demo-webhook-secret-of-${id}`;
  return secretEncoding === undefined ? text : `${secretPrefix}${Buffer.from(text).toString(secretEncoding)}`;
}

/** An event signed as the definition says: the placeholders of its template filled in, and the HMAC of that in its place. */
export function signedEvent(webhook: WebhookDefinition, parts: EventParts): SignedEvent {
  const scheme = schemeFrom(webhook);
  const { now, id, parameters } = parts;
  const type = parameters.get('event') ?? 'record.updated';
  const content: Record<string, unknown> = {};
  placeValue(content, scheme.idField ?? 'id', id);
  placeValue(content, 'type', type);
  placeValue(content, 'created_at', new Date(now).toISOString());
  placeValue(content, 'data', { id: parameters.get('id') ?? String(1001 + (hashOf(now) % 20)) });
  const body = JSON.stringify(content);
  const timestamp = String(scheme.timestampUnit === 'ms' ? now : Math.floor(now / 1000));
  const signature = signatureOf(scheme, parts, { timestamp, id, body });
  const inOne = scheme.timestampPrefix !== undefined;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    [scheme.signatureHeader]: inOne
      ? `${scheme.timestampPrefix}${timestamp}${scheme.separator}${signature}`
      : signature,
  };
  if (scheme.timestampHeader !== undefined) headers[scheme.timestampHeader] = timestamp;
  if (scheme.idHeader !== undefined) headers[scheme.idHeader] = id;
  if (scheme.typeHeader !== undefined) headers[scheme.typeHeader] = type;
  return { headers, body };
}

function signatureOf(
  scheme: WebhookScheme,
  { secret, parameters }: EventParts,
  filled: Readonly<Record<'timestamp' | 'id' | 'body', string>>,
): string {
  const values: Readonly<Record<string, string>> = { ...filled, method: 'POST', url: publicUrl(parameters.get('to')) };
  const signed = scheme.signed.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const bare =
    scheme.secretPrefix && secret.startsWith(scheme.secretPrefix) ? secret.slice(scheme.secretPrefix.length) : secret;
  const key = Buffer.from(scheme.secretEncoding === undefined ? secret : bare, scheme.secretEncoding ?? 'utf8');
  return `${scheme.prefix}${createHmac(scheme.algorithm, key).update(signed).digest(scheme.encoding)}`;
}

/** The address as a provider knows it: https, although the mock goes to loopback without. */
function publicUrl(to: string | null): string {
  return (to ?? 'https://localhost/').replace(/^http:/, 'https:');
}
