import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { oddServer } from '../support/odd-server.ts';
import { documentOf, openScenario, type Scenario } from '../support/scenario.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/webhooks', import.meta.url));
const SIGNED_AT = '2026-01-05T10:00:00Z';
const SECRETS = {
  LWI_SLACK_WEBHOOK_SECRET: 'lwi-demo-signing-secret',
  LWI_QUICKBOOKS_WEBHOOK_SECRET: 'lwi-demo-verifier-token',
  LWI_MYCARRIERPACKETS_WEBHOOK_SECRET: 'lwi-demo-mcp-secret',
};

interface Report {
  readonly verified: number;
  readonly failed: number;
  readonly results: readonly { readonly verdict: string; readonly provider: string }[];
}

async function verify(lwi: Scenario, words: readonly string[], options: Parameters<Scenario['run']>[1] = {}) {
  const ran = await lwi.run(['webhook', 'verify', ...words, '--json'], { env: SECRETS, ...options });
  return { code: ran.code, report: JSON.parse(ran.stdout) as Report };
}

const verdicts = ({ results }: Report) => results.map(({ verdict }) => verdict);

describe('webhook verify', () => {
  test('verifies a directory of captures by the provider that each one names, without making a database', async () => {
    const lwi = await openScenario();
    const { code, report } = await verify(lwi, [FIXTURES, '--at', SIGNED_AT]);
    expect({ code, failed: report.failed }).toEqual({ code: 0, failed: 0 });
    expect(new Set(report.results.map(({ provider }) => provider))).toEqual(
      new Set(['slack', 'quickbooks', 'mycarrierpackets']),
    );
    expect(existsSync(lwi.home) && existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  });

  test('says what the contract says about one capture', async () => {
    const lwi = await openScenario();
    const file = join(FIXTURES, 'slack-message.json');
    const ran = await lwi.run(['webhook', 'verify', 'slack', file, '--at', SIGNED_AT, '--json'], { env: SECRETS });
    const result = {
      input: file,
      provider: 'slack',
      verdict: 'verified',
      detail: expect.any(String),
      eventId: expect.stringContaining('Ev00000001'),
    };
    expect(documentOf(ran)).toEqual({
      verified: 1,
      failed: 0,
      results: [{ ...result, signedAt: '2026-01-05T10:00:00.000Z' }],
    });
  });

  test.each([
    ['stale-timestamp', ['--at', '2026-01-05T10:05:01Z']],
    ['future-timestamp', ['--at', '2026-01-05T09:54:59Z']],
    ['verified', ['--at', '2026-01-05T11:00:00Z', '--tolerance', '2h']],
    ['verified', ['--at', '1767607200']],
  ])('%s under %j', async (verdict, words) => {
    const lwi = await openScenario();
    const { code, report } = await verify(lwi, ['slack', join(FIXTURES, 'slack-message.json'), ...words]);
    expect({ code, verdicts: verdicts(report) }).toEqual({ code: verdict === 'verified' ? 0 : 6, verdicts: [verdict] });
  });

  test('tells the other reasons apart, each with code 6', async () => {
    const lwi = await openScenario();
    const fixture = JSON.parse(readFileSync(join(FIXTURES, 'slack-message.json'), 'utf8')) as {
      body: string;
      headers: object;
    };
    const changed = (name: string, change: object) => lwi.write(name, { ...fixture, ...change });
    const unsigned = { 'x-slack-request-timestamp': '1767607200' };
    const files = [
      changed('body.json', { body: fixture.body.replace('4411', '4412') }),
      changed('unsigned.json', { headers: unsigned }),
      changed('malformed.json', { headers: { ...unsigned, 'x-slack-signature': 'v0=short' } }),
      lwi.write('nonsense.json', '{"provider": "slack"'),
    ];
    const { code, report } = await verify(lwi, ['slack', ...files, '--at', SIGNED_AT]);
    expect(code).toBe(6);
    expect(verdicts(report)).toEqual(['signature-mismatch', 'missing-header', 'malformed-header', 'malformed-input']);
    const none = await verify(lwi, ['slack', join(FIXTURES, 'slack-message.json')], { env: {} });
    expect({ code: none.code, verdicts: verdicts(none.report) }).toEqual({ code: 6, verdicts: ['no-secret'] });
  });

  test('reads a capture from stdin, and body and headers apart', async () => {
    const lwi = await openScenario();
    const text = readFileSync(join(FIXTURES, 'slack-message.json'), 'utf8');
    expect((await verify(lwi, ['slack', '-', '--at', SIGNED_AT], { stdin: text })).code).toBe(0);
    expect((await verify(lwi, ['slack', '--at', SIGNED_AT], { stdin: text })).code).toBe(0);
    const { body, headers } = JSON.parse(text) as { body: string; headers: Record<string, string> };
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const apart = ['slack', '--body', '-', ...lines, '--at', SIGNED_AT];
    expect((await verify(lwi, apart, { stdin: body })).code).toBe(0);
    expect((await verify(lwi, apart, { stdin: `${body}\n` })).code).toBe(6);
  });

  test('takes any of several secrets, and one that the vault keeps', async () => {
    const lwi = await openScenario();
    const words = ['slack', join(FIXTURES, 'slack-message.json'), '--at', SIGNED_AT];
    const rotating = { LWI_SLACK_WEBHOOK_SECRET: `the-new-one\n${SECRETS.LWI_SLACK_WEBHOOK_SECRET}` };
    expect((await verify(lwi, words, { env: rotating })).code).toBe(0);
    await lwi.json(['secret', 'set', 'slack', 'webhook-secret'], { stdin: `${SECRETS.LWI_SLACK_WEBHOOK_SECRET}\n` });
    expect((await verify(lwi, words, { env: {} })).code).toBe(0);
  });

  test.each([
    [
      'github',
      (body: string, key: string) => ({
        'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
      }),
    ],
    [
      'shopify',
      (body: string, key: string) => ({
        'x-shopify-hmac-sha256': createHmac('sha256', key).update(body).digest('base64'),
      }),
    ],
    [
      'stripe',
      (body: string, key: string) => ({
        'stripe-signature': `t=1767607200,v1=${createHmac('sha256', key).update(`1767607200.${body}`).digest('hex')}`,
      }),
    ],
    ['hmac', (body: string, key: string) => ({ 'x-signature': createHmac('sha256', key).update(body).digest('hex') })],
  ])('--scheme %s needs no provider', async (scheme, headersOf) => {
    const lwi = await openScenario();
    const body = '{"load":4411}';
    const lines = Object.entries(headersOf(body, 'key')).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const words = ['--scheme', scheme, '--body', '-', ...lines, '--at', SIGNED_AT];
    expect((await verify(lwi, words, { stdin: body, env: { LWI_WEBHOOK_SECRET: 'key' } })).code).toBe(0);
    expect((await verify(lwi, words, { stdin: body, env: { LWI_WEBHOOK_SECRET: 'other' } })).code).toBe(6);
  });

  test.each([
    ['a file that is not there', ['slack', 'nowhere.json']],
    ['an unknown scheme', ['--scheme', 'gitlab', 'x.json']],
    ['a body without provider', ['--body', '-']],
    ['a time that is none', ['slack', '-', '--at', 'noon']],
  ])('%s is code 2', async (_, words) => {
    const lwi = await openScenario();
    expect(await lwi.run(['webhook', 'verify', ...words], { env: SECRETS })).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('webhook sign', () => {
  test.each(['slack', 'quickbooks', 'mycarrierpackets'])(
    'gives the headers of %s that verify accepts',
    async (provider) => {
      const lwi = await openScenario();
      const body = '{"load":4411,"note":"ünïcode"}';
      const signed = await lwi.run(['webhook', 'sign', provider, '--at', SIGNED_AT], { stdin: body, env: SECRETS });
      expect(signed).toMatchObject({ code: 0, stderr: '' });
      const lines = signed.stdout
        .trimEnd()
        .split('\n')
        .flatMap((line) => ['-H', line]);
      const { code } = await verify(lwi, [provider, '--body', '-', ...lines, '--at', SIGNED_AT], { stdin: body });
      expect(code).toBe(0);
    },
  );

  test('without a secret is code 2, naming the variable', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['webhook', 'sign', 'slack'], { stdin: '{}' });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('LWI_SLACK_WEBHOOK_SECRET') });
  });
});

test("the mock's own deliveries verify", async () => {
  const lwi = await openScenario();
  const receiver = await oddServer(() => ({}));
  await lwi.control(`quickbooks/webhook?to=${encodeURIComponent(receiver.url)}&event=invoice.updated`);
  const [delivery] = receiver.received;
  const lines = ['-H', `intuit-signature: ${delivery?.headers['intuit-signature']}`];
  const { code, report } = await verify(lwi, ['quickbooks', '--body', '-', ...lines], { stdin: delivery?.body });
  expect({ code, verdicts: verdicts(report) }).toEqual({ code: 0, verdicts: ['verified'] });
});
