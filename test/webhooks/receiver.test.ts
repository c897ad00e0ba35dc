import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Delivery, DeliveryOutcome } from '../../src/webhooks/delivery.ts';
import { openReceiver, type ReceiverOptions } from '../../src/webhooks/receiver.ts';

/** A receiver on a free port that takes everything; `got` holds what came, `told` what was said of it. */
async function receiving(change: Partial<ReceiverOptions> = {}) {
  const got: Delivery[] = [];
  const told: [DeliveryOutcome, string | undefined][] = [];
  const receiver = await openReceiver({
    ...{ host: '127.0.0.1', port: 0, maxBody: 1000, now: () => 7 },
    receive: async (delivery) => {
      got.push(delivery);
      return { outcome: 'accepted', status: 200, body: { received: true } };
    },
    page: async (path) => (path === '/healthz' ? { status: 200, type: 'text/plain', body: 'fine' } : undefined),
    told: (outcome, provider) => void told.push([outcome, provider]),
    ...change,
  });
  onTestFinished(() => receiver.close());
  return { ...receiver, got, told };
}

/** Sends bytes as they are and gives all that comes until the other side closes, or has been silent for the sake of the test. */
function raw(url: string, ...parts: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', () => {});
    for (const part of parts) socket.write(part);
  });
}

const post = (url: string, path: string, init: RequestInit = {}) =>
  fetch(url + path, { method: 'POST', body: 'x', ...init });

test('a delivery comes through byte for byte, with headers in their order and spelling, the account and the query', async () => {
  const { url, got, told } = await receiving();
  const body = Buffer.from([0, 1, 255, 13, 10]);
  const head =
    'POST /webhooks/slack/acme%40x?a=%20 HTTP/1.1\r\nHost: tunnel.example\r\nX-B: 1\r\nx-a: \xe9\r\nX-B: 2\r\n';
  await raw(url, Buffer.from(`${head}Content-Length: 5\r\nConnection: close\r\n\r\n`, 'latin1'), body);
  expect(got).toEqual([
    {
      ...{
        provider: 'slack',
        account: 'acme@x',
        method: 'POST',
        path: '/webhooks/slack/acme%40x?a=%20',
        receivedAt: 7,
      },
      headers: [
        ...[
          ['Host', 'tunnel.example'],
          ['X-B', '1'],
          ['x-a', '\xe9'],
          ['X-B', '2'],
        ],
        ...[
          ['Content-Length', '5'],
          ['Connection', 'close'],
        ],
      ],
      body,
    },
  ]);
  expect(told).toEqual([['accepted', 'slack']]);
});

test('what is too large is refused before it is read, announced or in chunks, and nothing of it is judged', async () => {
  const { url, got, told } = await receiving();
  const announced = await post(url, '/webhooks/slack', { body: 'x'.repeat(1001) });
  expect([announced.status, await announced.json()]).toEqual([
    413,
    { error: 'too-large', message: expect.any(String) },
  ]);
  const chunk = `${(600).toString(16)}\r\n${'x'.repeat(600)}\r\n`;
  const chunked = await raw(
    url,
    'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
    chunk,
    chunk,
    '0\r\n\r\n',
  );
  expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  expect((await post(url, '/webhooks/slack', { body: 'x'.repeat(1000) })).status).toBe(200);
  expect([got.length, told.map(([outcome]) => outcome)]).toEqual([1, ['too-large', 'too-large', 'accepted']]);
});

test('broken HTTP is 400 in JSON, an unknown path 404, another method 405 with what is allowed', async () => {
  const { url, got } = await receiving();
  const broken = await raw(url, 'POST /webhooks/slack HTTP/1.1\r\nno colon here\r\n\r\n');
  expect(broken).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"error":"malformed"\}$/);
  for (const path of ['/', '/webhooks', '/webhooks/', '/webhooks/a/b/c', '/webhooks/a/%ff', '/../etc/passwd']) {
    const answer = await post(url, path);
    expect([path, answer.status, await answer.json()]).toEqual([path, 404, { error: 'not-found' }]);
  }
  const get = await fetch(`${url}/webhooks/slack`);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('fine');
  expect((await post(url, '/healthz')).status).toBe(404);
  expect(got).toEqual([]);
});

test('what judging throws is 503, so that the sender comes again; the receiver lives on', async () => {
  let fails = true;
  const errors: unknown[] = [];
  const { url } = await receiving({
    receive: async () => {
      if (fails) throw new Error('disk full');
      return { outcome: 'accepted', status: 200, body: {} };
    },
    told: (_outcome, _provider, error) => void errors.push(error),
  });
  const refused = await post(url, '/webhooks/slack');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refused.text()).not.toContain('disk');
  fails = false;
  expect((await post(url, '/webhooks/slack')).status).toBe(200);
  expect(errors).toEqual([expect.objectContaining({ message: 'disk full' }), undefined]);
});

test('more than fits into memory at once is 503, and there is room again afterwards', async () => {
  const gate = Promise.withResolvers<void>();
  const size = 8 * 1024 * 1024;
  let under = 0;
  const { url } = await receiving({
    maxBody: size,
    receive: async () => {
      under += 1;
      await gate.promise;
      return { outcome: 'accepted', status: 200, body: {} };
    },
  });
  const body = Buffer.alloc(size);
  const held = Array.from({ length: 8 }, () => post(url, '/webhooks/slack', { body }));
  await expect.poll(() => under, { timeout: 10_000 }).toBe(8);
  expect((await post(url, '/webhooks/slack')).status).toBe(503);
  gate.resolve();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect((await post(url, '/webhooks/slack')).status).toBe(200);
});

test('a sender that dawdles is cut off, and one that hangs up leaves nothing behind', { timeout: 25_000 }, async () => {
  const { url, got } = await receiving();
  const slow = raw(url, 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
  const gone = connect(Number(new URL(url).port), '127.0.0.1');
  gone.write('POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
  await new Promise((resolve) => gone.once('connect', resolve));
  gone.destroy();
  expect(await slow).toMatch(/^HTTP\/1\.1 408 |^$/);
  expect(got).toEqual([]);
  expect((await post(url, '/webhooks/slack')).status).toBe(200);
});

test('closing answers what is under way and waits for nobody who is still sending', async () => {
  const gate = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const receiver = await receiving({
    receive: async () => {
      begin();
      await gate.promise;
      return { outcome: 'accepted', status: 200, body: {} };
    },
  });
  const answered = post(receiver.url, '/webhooks/slack');
  await begun;
  const dawdler = raw(receiver.url, 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
  const late = post(receiver.url, '/healthz');
  await late;
  const closed = receiver.close();
  gate.resolve();
  expect((await answered).status).toBe(200);
  await closed;
  expect(await dawdler).toBe('');
  await expect(fetch(receiver.url)).rejects.toThrow();
});

test('a port in use and an address of another machine are refused', async () => {
  const { url } = await receiving();
  const port = Number(new URL(url).port);
  await expect(receiving({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(receiving({ host: '203.0.113.7' })).rejects.toMatchObject({ code: 'USAGE' });
});
