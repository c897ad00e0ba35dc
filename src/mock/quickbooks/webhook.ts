import { createHmac } from 'node:crypto';
import type { SignedEvent } from '../provider-fake.ts';
import type { Mint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { COMPANIES } from './company.ts';
import { ENTITIES } from './entities.ts';

/** Action in CloudEvents -> operation in the legacy format. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['created', 'Create'],
  ['updated', 'Update'],
  ['deleted', 'Delete'],
  ['merged', 'Merge'],
  ['voided', 'Void'],
  ['emailed', 'Emailed'],
]);

/**
 * `event` is `<entity>.<action>` (default `invoice.updated`), `format` is `cloudevents` (default) or `legacy`, `id` and `tenant` name
 * the row and the realm. Signed as base64 of HMAC-SHA256 of the body. Sources: blogs.intuit.com 2025/11/12; .NET-SDK `WebhooksService.cs`.
 */
export function quickbooksEvent(
  settings: MockSettings,
  mint: Mint,
  parameters: URLSearchParams,
): SignedEvent | undefined {
  const [entity = '', action = ''] = (parameters.get('event') ?? 'invoice.updated').toLowerCase().split('.');
  const name = [...ENTITIES.keys()].find((known) => known.toLowerCase() === entity);
  const operation = OPERATIONS.get(action);
  const realmId = parameters.get('tenant') ?? COMPANIES[0].id;
  const id = parameters.get('id') ?? '1';
  if (name === undefined || operation === undefined) return undefined;
  const at = new Date(settings.clock.now()).toISOString();

  const legacy = parameters.get('format') === 'legacy';
  const notification = { realmId, dataChangeEvent: { entities: [{ name, id, operation, lastUpdated: at }] } };
  const cloudEvent = {
    specversion: '1.0',
    id: uuid(mint('event')),
    source: 'intuit.bHdpLWRlbW8=',
    type: `qbo.${entity}.${action}.v1`,
    datacontenttype: 'application/json',
    time: at,
    intuitentityid: id,
    intuitaccountid: realmId,
    data: {},
  };
  const body = JSON.stringify(legacy ? { eventNotifications: [notification] } : [cloudEvent]);
  const signature = createHmac('sha256', settings.webhookSecrets['quickbooks'] ?? '')
    .update(body)
    .digest('base64');
  const contentType = legacy ? 'application/json' : 'application/cloudevents+json';
  return { body, headers: { 'content-type': contentType, 'intuit-signature': signature } };
}

function uuid(value: string): string {
  const hex = Buffer.from(value, 'base64url').toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
