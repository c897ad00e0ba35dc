import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';

const FIXTURES = new URL('../fixtures/webhooks/', import.meta.url);

/** Invented secrets under which the fixtures are signed. */
const SECRETS: Readonly<Record<string, string>> = {
  quickbooks: 'lwi-demo-verifier-token',
  slack: 'lwi-demo-signing-secret',
  mycarrierpackets: 'lwi-demo-mcp-secret',
};

const AT = Date.UTC(2026, 0, 5, 10);

const MEANING: Readonly<Record<string, readonly WebhookEvent[]>> = {
  'quickbooks-legacy.json': [
    {
      type: 'Invoice.Update',
      externalId: '9130000000000001',
      entity: 'invoices',
      entityId: '145',
      occurredAt: AT,
    },
    {
      type: 'Customer.Create',
      externalId: '9130000000000001',
      entity: 'customers',
      entityId: '58',
      occurredAt: AT + 2000,
    },
  ],
  'quickbooks-cloudevents.json': [
    {
      id: '5b1c7a10-0000-4000-8000-000000000001',
      type: 'qbo.invoice.updated.v1',
      externalId: '9130000000000001',
      entity: 'invoices',
      entityId: '145',
      occurredAt: AT,
    },
  ],
  'slack-message.json': [
    {
      id: 'Ev00000001',
      type: 'message',
      externalId: 'T00000001',
      entity: 'messages',
      entityId: 'C00000001:1767607199.000100',
      occurredAt: AT - 1000,
    },
  ],
  'slack-url-verification.json': [{ type: 'url_verification' }],
  'slack-app-rate-limited.json': [{ type: 'app_rate_limited', externalId: 'T00000001', occurredAt: AT, gap: true }],
  'mycarrierpackets-packet-completed.json': [
    { type: 'carrier.packet.completed', entity: 'completed-packets', occurredAt: AT + 123 },
  ],
};

interface Fixture {
  readonly provider: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function webhookOf(fixture: Fixture) {
  const webhook = BUILT_IN.find(({ id }) => id === fixture.provider)?.webhook;
  if (!webhook) throw new Error(`${fixture.provider} has no webhooks`);
  return webhook;
}

describe.each(Object.entries(MEANING))('the fixture %s', (name, meaning) => {
  const fixture: Fixture = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
  const webhook = webhookOf(fixture);

  test('is signed as the scheme of its provider says', () => {
    const { scheme } = webhook;
    const timestamp = scheme.timestampHeader ? (fixture.headers[scheme.timestampHeader] ?? '') : '';
    const signed = scheme.signed.replace('{timestamp}', timestamp).replace('{body}', () => fixture.body);
    const digest = createHmac(scheme.algorithm, SECRETS[fixture.provider] ?? '')
      .update(signed)
      .digest(scheme.encoding);
    expect(fixture.headers[scheme.signatureHeader]).toBe(scheme.prefixOptional ? digest : scheme.prefix + digest);
  });

  test('is read as the events it carries', () => {
    expect(webhook.readEvents(new TextEncoder().encode(fixture.body), fixture.headers)).toEqual(meaning);
  });
});

test('every provider with webhooks brings a fixture of them', () => {
  const names = readdirSync(FIXTURES);
  const without = BUILT_IN.filter(({ id, webhook }) => webhook && !names.some((name) => name.startsWith(`${id}-`)));
  expect(without.map(({ id }) => id)).toEqual([]);
});
