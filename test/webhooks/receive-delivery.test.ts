import { describe, expect, test } from 'vitest';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { Secret } from '../../src/secret.ts';
import type { NewEvent } from '../../src/store/inbox.ts';
import type { Delivery } from '../../src/webhooks/delivery.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';
import { type Receiving, receiveDelivery, type Signer } from '../../src/webhooks/receive-delivery.ts';
import { sign } from '../../src/webhooks/sign.ts';

const NOW = Date.UTC(2026, 0, 5, 10);
const ONE = new Secret('one');
const TWO = new Secret('two');
const MESSAGE = {
  type: 'event_callback',
  event_id: 'Ev1',
  team_id: 'T1',
  event: { type: 'message', channel: 'C1', ts: '1.2' },
};

/** A delivery to Slack's path, signed with `secret`. */
function delivery(content: object | string, secret?: Secret, change: Partial<Delivery> = {}): Delivery {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const signed = secret ? sign({ scheme: PRESETS.slack, secret, body, timestamp: NOW }) : {};
  return {
    provider: 'slack',
    method: 'POST',
    path: '/webhooks/slack',
    headers: Object.entries(signed),
    body,
    receivedAt: NOW,
    ...change,
  };
}

function receiving(signers: readonly Signer[], change: Partial<Receiving> = {}) {
  const accepted: NewEvent[] = [];
  const all: Receiving = {
    now: () => NOW,
    webhook: async (id) => (id === 'slack' ? slack.webhook : undefined),
    signers: async () => signers,
    connections: async () => [
      { account: 'a', externalId: 'T1' },
      { account: 'b', externalId: 'T2' },
    ],
    accept: async (batch) => {
      accepted.push(...batch);
      return batch.map(() => 'new');
    },
    ...change,
  };
  return { accepted, receive: (of: Delivery) => receiveDelivery(all, of) };
}

const OPERATOR: Signer = { secrets: [ONE, TWO], accounts: 'all' };

describe('a delivery', () => {
  test('is stored under the id of the provider, without credentials of the sender', async () => {
    const { receive, accepted } = receiving([OPERATOR]);
    const signed = delivery(MESSAGE, TWO);
    const headers = [...signed.headers, ['Authorization', 'Bearer x'], ['COOKIE', 'a=b'], ['X-Kept', 'y']] as const;
    expect(await receive({ ...signed, headers })).toMatchObject({
      outcome: 'accepted',
      status: 200,
      body: { eventId: 'Ev1' },
    });
    expect(accepted).toMatchObject([{ account: 'a', key: 'Ev1', type: 'message', receivedAt: NOW }]);
    expect(accepted[0]?.headers.map(([name]) => name)).toEqual([...signed.headers.map(([name]) => name), 'X-Kept']);
  });

  test('that is known already is answered the same, and says so', async () => {
    const { receive } = receiving([OPERATOR], { accept: async () => ['duplicate'] });
    expect(await receive(delivery(MESSAGE, ONE))).toMatchObject({
      outcome: 'duplicate',
      status: 200,
      body: { duplicate: true },
    });
  });

  test.each<[string, Delivery, string]>([
    ['not signed', delivery(MESSAGE), 'missing-header'],
    ['signed with another secret', delivery(MESSAGE, new Secret('three')), 'signature-mismatch'],
    ['changed', { ...delivery(MESSAGE, ONE), body: Buffer.from('{}') }, 'signature-mismatch'],
  ])('that is %s is 401 and not stored', async (_, of, reason) => {
    const { receive, accepted } = receiving([OPERATOR]);
    expect(await receive(of)).toEqual({
      outcome: 'unverified',
      reason,
      status: 401,
      body: { error: 'unverified', reason },
    });
    expect(accepted).toEqual([]);
  });

  test('is 401 too when no secret is known, and when it is old', async () => {
    expect(await receiving([]).receive(delivery(MESSAGE, ONE))).toMatchObject({ body: { reason: 'no-secret' } });
    const late = receiving([OPERATOR], { now: () => NOW + 301_000 });
    expect(await late.receive(delivery(MESSAGE, ONE))).toMatchObject({
      status: 401,
      body: { reason: 'stale-timestamp' },
    });
  });

  test('is only for those whose secret has signed it', async () => {
    const signers: Signer[] = [
      { secrets: [ONE], accounts: ['a'] },
      { secrets: [TWO], accounts: ['b'] },
    ];
    const { receive, accepted } = receiving(signers);
    expect(await receive(delivery(MESSAGE, TWO))).toMatchObject({ outcome: 'unknown-tenant', status: 200 });
    expect(accepted).toMatchObject([{ account: '', failed: expect.stringContaining('T1') }]);
    await receive(delivery(MESSAGE, ONE));
    expect(accepted[1]).toMatchObject({ account: 'a', failed: undefined });
  });

  test('with an id that is none is told from others by its body', async () => {
    const { receive, accepted } = receiving([OPERATOR]);
    await receive(delivery({ ...MESSAGE, event_id: 'E'.repeat(201) }, ONE));
    expect(accepted[0]?.key).toMatch(/^[0-9a-f]{64}$/);
  });

  test('for an unknown provider is 404', async () => {
    expect(await receiving([OPERATOR]).receive(delivery(MESSAGE, ONE, { provider: 'x' }))).toMatchObject({
      status: 404,
    });
  });
});

describe('a receiver that only keeps', () => {
  const keeping = (change: Partial<Receiving> = {}) =>
    receiving([OPERATOR], { keeps: true, strays: () => 'chosen', connections: async () => [], ...change });

  test('takes what nobody is connected for, readable or not, for the chosen account, and calls it no failure', async () => {
    const { receive, accepted } = keeping();
    expect(await receive(delivery(MESSAGE, ONE))).toMatchObject({ outcome: 'accepted', status: 200 });
    expect(await receive(delivery('not JSON', ONE))).toMatchObject({ outcome: 'accepted', status: 200 });
    const kept = { account: 'chosen', kept: true };
    expect(accepted).toEqual([expect.objectContaining(kept), expect.objectContaining({ ...kept, type: 'unknown' })]);
    expect(accepted.some((row) => 'failed' in row)).toBe(false);
  });

  test('leaves the account that a path names alone, and knows strays only where nobody is connected', async () => {
    const { receive, accepted } = keeping();
    await receive(delivery(MESSAGE, ONE, { account: 'named' }));
    const other = keeping({ connections: async () => [{ account: 'a', externalId: 'T9' }] });
    await other.receive(delivery(MESSAGE, ONE));
    expect([accepted[0]?.account, other.accepted[0]?.account]).toEqual(['named', '']);
  });
});

test('without keeping, a stray is for the chosen account too, and fails only when it cannot be read', async () => {
  const { receive, accepted } = receiving([OPERATOR], { strays: () => 'chosen', connections: async () => [] });
  expect(await receive(delivery(MESSAGE, ONE))).toMatchObject({ outcome: 'accepted' });
  expect(await receive(delivery('[]', ONE))).toMatchObject({ outcome: 'unknown-tenant' });
  expect(accepted).toMatchObject([
    { account: 'chosen', failed: undefined },
    { account: 'chosen', failed: expect.stringContaining('cannot be read') },
  ]);
});

test('a delivery about two companies is forwarded once, also when it is a retry of the sender', async () => {
  const { receive, accepted } = receiving([OPERATOR], {
    ...{ forwardTo: ['http://127.0.0.1:1/'], webhook: async () => quickbooks.webhook },
    connections: async () => [
      { account: 'a', externalId: '1' },
      { account: 'b', externalId: '2' },
    ],
  });
  const body = Buffer.from(
    JSON.stringify(['1', '2'].map((realm) => ({ type: 'qbo.invoice.updated.v1', intuitaccountid: realm, id: realm }))),
  );
  const headers = [
    ...Object.entries(sign({ scheme: PRESETS.intuit, secret: ONE, body, timestamp: NOW })),
    ['X-Slack-Retry-Num', '2'] as const,
  ];
  expect(await receive({ ...delivery('', ONE), provider: 'quickbooks', body, headers })).toMatchObject({ status: 200 });
  expect(accepted.map(({ account, forwardTo }) => [account, forwardTo])).toEqual([
    ['a', ['http://127.0.0.1:1/']],
    ['b', undefined],
  ]);
  // Its events have ids, which make that of the delivery; it is one for each account.
  expect(new Set(accepted.map(({ key }) => key)).size).toBe(1);
});

describe("Slack's handshakes", () => {
  test('the challenge comes back for a signed request only', async () => {
    const challenge = { type: 'url_verification', challenge: 'abc', token: 'x' };
    const { receive, accepted } = receiving([OPERATOR]);
    expect(await receive(delivery(challenge, ONE))).toEqual({
      outcome: 'handshake',
      status: 200,
      body: { challenge: 'abc' },
    });
    expect(await receive(delivery(challenge))).toMatchObject({ status: 401 });
    expect(accepted).toEqual([]);
  });

  test('the check of the certificate needs no signature; any other form does', async () => {
    const { receive, accepted } = receiving([OPERATOR]);
    const form = (body: string) => {
      const headers = [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']] as const;
      return receive({ ...delivery(body), headers });
    };
    expect(await form('ssl_check=1&token=x')).toEqual({ outcome: 'handshake', status: 200, body: { ok: true } });
    expect(await form('ssl_check=0')).toMatchObject({ status: 401 });
    expect(await form(`ssl_check=1&x=${'y'.repeat(5000)}`)).toMatchObject({ status: 401 });
    expect(accepted).toEqual([]);
  });
});
