import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { SampleFacts } from '../../src/providers/webhook-samples.ts';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';

const NOW = Date.UTC(2026, 0, 5, 10);

function provider(id: string): Provider {
  const found = BUILT_IN.find((each) => each.id === id);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
}

function made({ webhook }: Provider, event: string, facts: Partial<SampleFacts> = {}) {
  const delivery = webhook?.samples?.make(event, { now: NOW, random: seededRandom(1), ...facts });
  if (!webhook || !delivery) throw new Error(`there is no ${event}`);
  return { ...delivery, read: webhook.readEvents(Buffer.from(JSON.stringify(delivery.body)), delivery.headers) };
}

describe('quickbooks', () => {
  const quickbooks = provider('quickbooks');
  const events = quickbooks.webhook?.samples?.events.map(({ event }) => event) ?? [];

  test('has what the vendor lists, and nothing else', () => {
    expect(events.length).toBe(102);
    expect(events.filter((event) => event.endsWith('.voided')).sort()).toEqual(
      ['billpayment', 'creditmemo', 'invoice', 'payment', 'purchase', 'refundreceipt', 'salesreceipt', 'transfer'].map(
        (name) => `${name}.voided`,
      ),
    );
    expect(quickbooks.webhook?.samples?.make('taxcode.updated', { now: NOW, random: () => 0 })).toBeUndefined();
  });

  test.each(events)('%s names the same row and realm in both forms', (event) => {
    const [, action = ''] = event.split('.');
    for (const format of [undefined, 'cloudevents', 'legacy']) {
      const { read } = made(quickbooks, event, { format, externalId: '4620816365291234567' });
      expect(read).toEqual([
        expect.objectContaining({
          externalId: '4620816365291234567',
          entity: expect.stringMatching(/./),
          entityId: expect.stringMatching(/^[1-9]\d{3}$/),
          occurredAt: NOW,
        }),
      ]);
      expect(read[0]?.deleted ?? false).toBe(action === 'deleted');
    }
  });

  test('both forms as the vendor writes them', () => {
    expect(made(quickbooks, 'customer.merged', { format: 'legacy' })).toMatchObject({
      headers: { 'content-type': 'application/json' },
      body: {
        eventNotifications: [
          { dataChangeEvent: { entities: [{ name: 'Customer', operation: 'Merge', deletedId: expect.any(String) }] } },
        ],
      },
    });
    expect(made(quickbooks, 'creditmemo.emailed')).toMatchObject({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: [{ specversion: '1.0', type: 'qbo.creditmemo.emailed.v1', time: '2026-01-05T10:00:00.000Z', data: {} }],
      read: [{ entity: 'credit-memos', id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/) }],
    });
  });
});

describe('slack', () => {
  const slack = provider('slack');
  const about = (event: Partial<WebhookEvent>) => event;

  test.each([
    [
      'message',
      about({ type: 'message', entity: 'messages', entityId: expect.stringMatching(/^C00000001:1767607200\./) }),
    ],
    ['message_reply', about({ type: 'message', entity: 'messages' })],
    ['message_changed', about({ entity: 'messages', entityId: expect.stringMatching(/^C00000001:1767606900\./) })],
    ['message_deleted', about({ entity: 'messages', deleted: true })],
    ['member_joined_channel', about({ entity: 'members', entityId: expect.stringContaining('U00000001') })],
    ['member_left_channel', about({ entity: 'members', deleted: true })],
    ['channel_created', about({ entity: 'channels', entityId: 'C00000001' })],
    ['channel_rename', about({ entity: 'channels', entityId: 'C00000001' })],
    ['channel_archive', about({ entity: 'channels', entityId: 'C00000001' })],
    ['channel_unarchive', about({ entity: 'channels', entityId: 'C00000001' })],
    ['channel_deleted', about({ entity: 'channels', entityId: 'C00000001', deleted: true })],
    ['channel_left', about({ entity: 'channels', entityId: 'C00000001' })],
    ['user_change', about({ entity: 'users', entityId: 'U00000001' })],
    ['team_join', about({ entity: 'users', entityId: 'U00000001' })],
    ['reaction_added', about({ entity: 'messages', entityId: expect.stringMatching(/^C00000001:1767606900\./) })],
    ['reaction_removed', about({ entity: 'messages' })],
    ['app_mention', about({ type: 'app_mention' })],
    ['tokens_revoked', about({ type: 'tokens_revoked' })],
    ['app_uninstalled', about({ type: 'app_uninstalled' })],
    ['app_rate_limited', about({ type: 'app_rate_limited', gap: true })],
  ])('%s', (event, expected) => {
    const { read } = made(slack, event, { externalId: 'T0ABCDEF1' });
    expect(read).toEqual([expect.objectContaining({ occurredAt: NOW, externalId: 'T0ABCDEF1', ...expected })]);
  });

  test('the address is tried with a challenge, which the handshake gives back', () => {
    const { body, headers } = made(slack, 'url_verification');
    const { challenge } = body as { challenge: string };
    expect(challenge).toMatch(/^\w{52}$/);
    expect(slack.webhook?.handshake?.(Buffer.from(JSON.stringify(body)), headers, true)).toEqual({ challenge });
  });

  test('an installation for an organization is named beside the workspace', () => {
    expect(made(slack, 'message', { externalId: 'E0ABCDEF1' }).body).toMatchObject({
      team_id: 'T00000001',
      enterprise_id: 'E0ABCDEF1',
      authorizations: [{ enterprise_id: 'E0ABCDEF1', is_enterprise_install: true }],
    });
  });
});

test.each([
  ['carrier.packet.completed', 'completed-packets'],
  ['carrier.incident_report.created', 'carriers'],
  ['carrier.incident_report.updated', 'carriers'],
  ['carrier.incident_report.retracted', 'carriers'],
  ['carrier.vin_verification.completed', 'vin_verification'],
  ['carrier.user_verification.completed', 'carrier-contacts'],
])('mycarrierpackets: %s', (event, entity) => {
  const { headers, read, body } = made(provider('mycarrierpackets'), event);
  expect(headers['mcp-event']).toBe(event);
  expect(read).toEqual([expect.objectContaining({ type: event, entity, occurredAt: NOW })]);
  expect(body).toMatchObject({ eventDateTime: '2026-01-05T10:00:00.0000000Z' });
});

describe('a provider of the user’s own', () => {
  const acme = (webhook: object) => fromDefinition({ id: 'acme', api: { baseUrl: 'https://acme.example' }, webhook });

  test('any name is an event', () => {
    const { body, read } = made(acme({ scheme: 'hmac' }), 'load.covered');
    expect(body).toEqual({ id: expect.any(String), type: 'load.covered', created_at: '2026-01-05T10:00:00.000Z' });
    expect(read).toEqual([{ type: 'load.covered', gap: true }]);
  });

  test('type and id also stand where the scheme looks for them', () => {
    const { headers, id } = made(acme({ scheme: 'github' }), 'push');
    expect(headers).toMatchObject({ 'x-github-event': 'push' });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(made(acme({ scheme: 'stripe' }), 'charge.succeeded').read[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });
});
