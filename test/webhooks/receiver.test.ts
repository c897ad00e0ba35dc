import { expect, test } from 'vitest';
import { rawConnection, rawRequest } from '../support/raw-http.ts';
import { post, testReceiver } from '../support/test-receiver.ts';

test('a delivery comes through byte for byte, with headers in their order and spelling, the account and the query', async () => {
  const { url, got, told } = await testReceiver();
  const body = Buffer.from([0, 1, 255, 13, 10]);
  const head =
    'POST /webhooks/slack/acme%40x?a=%20 HTTP/1.1\r\nHost: tunnel.example\r\nX-B: 1\r\nx-a: \xe9\r\nX-B: 2\r\n';
  await rawRequest(url, Buffer.from(`${head}Content-Length: 5\r\nConnection: close\r\n\r\n`, 'latin1'), body);
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
  const { url, got, told } = await testReceiver();
  const announced = await post(url, '/webhooks/slack', { body: 'x'.repeat(1001) });
  expect([announced.status, await announced.json()]).toEqual([
    413,
    { error: 'too-large', message: expect.any(String) },
  ]);
  const chunk = `${(600).toString(16)}\r\n${'x'.repeat(600)}\r\n`;
  const chunked = await rawRequest(
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
  const { url, got } = await testReceiver();
  const broken = await rawRequest(url, 'POST /webhooks/slack HTTP/1.1\r\nno colon here\r\n\r\n');
  expect(broken).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"error":"malformed"\}$/);
  for (const path of [
    '/',
    '/webhooks',
    '/webhooks/',
    '/webhooks/a/b/c',
    '/webhooks/a/%ff',
    '/webhooks/a/b%2Fc',
    '/webhooks/a/b%00',
    '//webhooks/a',
    '/../etc/passwd',
  ]) {
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
  const { url } = await testReceiver({
    receive: async () => {
      if (fails) throw new Error('disk full');
      return { outcome: 'accepted', status: 200, body: {} };
    },
    told: (_outcome, _provider, { error }) => void errors.push(error),
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
  const size = 1024 * 1024;
  let under = 0;
  const { url } = await testReceiver({
    ...{ maxBody: size, room: 8.5 * size, answerMs: 60_000 },
    receive: async () => {
      under += 1;
      await gate.promise;
      return { outcome: 'accepted', status: 200, body: {} };
    },
  });
  const body = Buffer.alloc(size);
  const held = Array.from({ length: 8 }, () => post(url, '/webhooks/slack', { body }));
  await expect.poll(() => under, { timeout: 10_000 }).toBe(8);
  expect((await post(url, '/webhooks/slack', { body })).status).toBe(503);
  gate.resolve();
  expect((await Promise.all(held)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect((await post(url, '/webhooks/slack')).status).toBe(200);
});

test('a sender that dawdles is answered 408 and cut off, and one that hangs up leaves nothing behind', async () => {
  const { url, got } = await testReceiver({ patienceMs: 200 });
  const slow = rawRequest(url, 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
  const gone = rawConnection(url);
  gone.socket.write('POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc', () =>
    gone.socket.destroy(),
  );
  await gone.ended;
  expect(await slow).toMatch(/^HTTP\/1\.1 408 [\s\S]*content-type: application\/json[\s\S]*\{"error":"too-slow"\}$/);
  expect(got).toEqual([]);
  expect((await post(url, '/webhooks/slack')).status).toBe(200);
});

test('closing answers what is under way and waits for nobody who is still sending', async () => {
  const gate = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const receiver = await testReceiver({
    receive: async () => {
      begin();
      await gate.promise;
      return { outcome: 'accepted', status: 200, body: {} };
    },
  });
  const answered = post(receiver.url, '/webhooks/slack');
  await begun;
  const dawdler = rawRequest(receiver.url, 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
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
  const { url } = await testReceiver();
  const port = Number(new URL(url).port);
  await expect(testReceiver({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(testReceiver({ host: '203.0.113.7' })).rejects.toMatchObject({ code: 'USAGE' });
});
