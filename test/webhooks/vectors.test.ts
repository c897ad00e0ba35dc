import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { PRESETS, type PresetName } from '../../src/webhooks/presets.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import { sign } from '../../src/webhooks/sign.ts';
import { verify } from '../../src/webhooks/verify.ts';

interface Vector {
  readonly source: string;
  readonly scheme: PresetName;
  readonly secret: string;
  readonly body: string;
  readonly headers: Record<string, string>;
  /** ms; what the headers say, or any time where they say none. */
  readonly at: number;
  readonly method?: string;
  readonly path?: string;
}

const STRIPE_BODY = '{"id":"evt_1","object":"event","type":"invoice.paid"}';
const HUBSPOT_BODY = '[{"eventId":1,"subscriptionType":"contact.creation","portalId":62515}]';

const hmac = (key: string, text: string) => createHmac('sha256', key).update(text);

const VECTORS: readonly Vector[] = [
  {
    source: 'QuickBooks legacy payload',
    scheme: 'intuit',
    secret: 'lwi-demo-verifier-token',
    body: '{"eventNotifications":[{"realmId":"9130000000000001","dataChangeEvent":{"entities":[{"name":"Invoice","id":"145","operation":"Update","lastUpdated":"2026-01-05T10:00:00.000Z"},{"name":"Customer","id":"58","operation":"Create","lastUpdated":"2026-01-05T10:00:02.000Z"}]}}]}',
    headers: { 'intuit-signature': '566elaGhA8yu6T/OUNTZLP6sdcc5AIO49TaVnvwCcZw=' },
    at: 0,
  },
  {
    source: 'QuickBooks CloudEvents payload',
    scheme: 'intuit',
    secret: 'lwi-demo-verifier-token',
    body: '[{"specversion":"1.0","id":"5b1c7a10-0000-4000-8000-000000000001","source":"intuit.bHdpLWRlbW8=","type":"qbo.invoice.updated.v1","datacontenttype":"application/json","time":"2026-01-05T10:00:00Z","intuitentityid":"145","intuitaccountid":"9130000000000001","data":{}}]',
    headers: { 'intuit-signature': 'jcfHkY5+ZR8uQj7Qo7pl/lHkFLagGTLWKummtgR/EIw=' },
    at: 0,
  },
  {
    source: 'Slack event callback',
    scheme: 'slack',
    secret: 'lwi-demo-signing-secret',
    body: '{"token":"x","team_id":"T00000001","api_app_id":"A00000001","event":{"type":"message","channel":"C00000001","user":"U00000001","text":"load 4411 covered","ts":"1767607199.000100","event_ts":"1767607199.000100","channel_type":"channel"},"type":"event_callback","event_id":"Ev00000001","event_time":1767607199}',
    headers: {
      'x-slack-request-timestamp': '1767607200',
      'x-slack-signature': 'v0=8dfb42db2f8eb52844d19f97e0b5cf0966b9963c1784d1e3c905c893722cfbd1',
    },
    at: 1_767_607_200_000,
  },
  {
    source: 'docs.slack.dev, "Verifying requests from Slack"',
    scheme: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    at: 1_531_420_618_000,
  },
  {
    source: 'MyCarrierPackets packet completed',
    scheme: 'mycarrierpackets',
    secret: 'lwi-demo-mcp-secret',
    body: '{"eventType":"carrier.packet.completed","eventDateTime":"2026-01-05T10:00:00.1234567Z","eventData":{"agreement":{"signatureDate":"2026-01-05T04:00:00.123","signaturePerson":"Pat Example"},"carrier":{"dotNumber":1234567,"docketNumber":"MC123456","legalName":"EXAMPLE CARRIER LLC","dbaName":null},"customer":{"customerID":42,"companyName":"Example Brokerage"}}}',
    headers: { 'mcp-signature': '8e5eadc0a89c2108d30ac1806c825e0e24f03bc0644dfb91bdf713e057e5e316' },
    at: 0,
  },
  {
    source: 'docs.github.com, "Testing the webhook payload validation"',
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    at: 0,
  },
  {
    source: 'Svix, "Verifying webhooks manually"; the vector of the Standard Webhooks libraries',
    scheme: 'standard-webhooks',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    body: '{"test": 2432232314}',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    at: 1_614_265_330_000,
  },
  {
    source: 'Stripe: the HMAC of `t.body` under the whole secret, written out',
    scheme: 'stripe',
    secret: 'whsec_test_secret',
    body: STRIPE_BODY,
    headers: {
      'stripe-signature': `t=1767607200,v1=${hmac('whsec_test_secret', `1767607200.${STRIPE_BODY}`).digest('hex')}`,
    },
    at: 1_767_607_200_000,
  },
  {
    source: 'Shopify: the base64 HMAC of the body, written out',
    scheme: 'shopify',
    secret: 'hush',
    body: '{"id":820982911946154508}',
    headers: { 'x-shopify-hmac-sha256': hmac('hush', '{"id":820982911946154508}').digest('base64') },
    at: 0,
  },
  {
    source: 'HubSpot v3: method, decoded URL, body and time in ms, written out',
    scheme: 'hubspot-v3',
    secret: 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
    body: HUBSPOT_BODY,
    method: 'POST',
    path: '/webhook_uri?to=a%40b.example&q=x%20y',
    headers: {
      host: 'www.example.com',
      'x-hubspot-request-timestamp': '1767607200123',
      'x-hubspot-signature-v3': hmac(
        'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy',
        `POSThttps://www.example.com/webhook_uri?to=a@b.example&q=x%20y${HUBSPOT_BODY}1767607200123`,
      ).digest('base64'),
    },
    at: 1_767_607_200_123,
  },
  {
    source: 'hmac with its defaults, written out',
    scheme: 'hmac',
    secret: 'Schlüssel',
    body: '{"naïve":"ü"}',
    headers: { 'x-signature': hmac('Schlüssel', '{"naïve":"ü"}').digest('hex') },
    at: 0,
  },
];

describe('signatures that others made', () => {
  for (const { source, scheme, secret, body, headers, at, method, path } of VECTORS) {
    const input = {
      scheme: PRESETS[scheme],
      secrets: [new Secret(secret)],
      headers,
      body: Buffer.from(body),
      now: at,
      method,
      path,
    };

    test(`${source}: verified`, () => {
      const signedAt = /slack|stripe|standard|hubspot/.test(scheme) ? { signedAt: at } : {};
      expect(verify(input)).toEqual({ verdict: 'verified', detail: 'the signature matches', ...signedAt });
    });

    test(`${source}: one byte more is a mismatch`, () => {
      expect(verify({ ...input, body: Buffer.from(`${body} `) }).verdict).toBe('signature-mismatch');
    });

    test(`${source}: another secret is a mismatch`, () => {
      const secrets = [new Secret(scheme === 'standard-webhooks' ? 'whsec_AAAA' : `${secret}x`)];
      expect(verify({ ...input, secrets }).verdict).toBe('signature-mismatch');
    });

    test(`${source}: sign writes the same headers`, () => {
      const { idHeader } = PRESETS[scheme] as WebhookScheme;
      const url = path === undefined ? undefined : `https://${headers['host']}${path}`;
      const id = idHeader === undefined ? undefined : (headers[idHeader] ?? 'delivery-1');
      const signed = sign({ ...input, secret: new Secret(secret), timestamp: at, id, url });
      const { host: _host, ...expected } = headers;
      expect(signed).toEqual(idHeader === undefined ? expected : { [idHeader]: id, ...expected });
    });
  }
});
