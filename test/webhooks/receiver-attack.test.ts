import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rawConnection, rawRequest } from '../support/raw-http.ts';
import { post, testReceiver } from '../support/test-receiver.ts';

const POST = 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n';

/** Status, content type and body of each answer in what came. */
function answers(text: string): [status: number, type: string | undefined, body: unknown][] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((answer) => !answer.startsWith('HTTP/1.1 100 '))
    .map((answer) => {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const type = /^content-type: (.*)$/im.exec(head)?.[1];
      return [Number(head.slice(9, 12)), type, body === '' ? '' : JSON.parse(body)];
    });
}

describe('HTTP that is broken or odd', () => {
  const error = (name: string) => expect.objectContaining({ error: name });
  const OK = { received: true };
  const CLOSE = 'Connection: close\r\n';

  test.each<[name: string, sent: string | Buffer, ...expected: [status: number, body: unknown][]]>([
    ['no request line', 'hello\r\n\r\n', [400, error('malformed')]],
    ['bytes of all kinds', Buffer.from(Array.from({ length: 256 }, (_, at) => 255 - at)), [400, error('malformed')]],
    ['a TLS hello', Buffer.from('16030100c5010000c10303aaaa', 'hex'), [400, error('malformed')]],
    ['an unknown version', 'POST /webhooks/slack HTTP/3.7\r\nHost: x\r\n\r\n', [400, error('malformed')]],
    ['a NUL in the path', 'POST /webhooks/sl\0ck HTTP/1.1\r\nHost: x\r\n\r\n', [400, error('malformed')]],
    ['a length that is none', `${POST}Content-Length: -1\r\n\r\n`, [400, error('malformed')]],
    ['two lengths', `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, [400, error('malformed')]],
    [
      'both framings',
      `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      [400, error('malformed')],
    ],
    ['a chunk without a size', `${POST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, [400, error('malformed')]],
    ['huge headers', `${POST}X-A: ${'a'.repeat(17_000)}\r\n\r\n`, [431, error('headers-too-large')]],
    ['no Host', 'POST /webhooks/slack HTTP/1.1\r\nContent-Length: 0\r\n\r\n', [400, error('malformed')]],
    ['HTTP/1.0', 'POST /webhooks/slack HTTP/1.0\r\nContent-Length: 1\r\n\r\nx', [200, OK]],
    [
      'an absolute target',
      `POST http://y/webhooks/slack HTTP/1.1\r\nHost: x\r\n${CLOSE}Content-Length: 1\r\n\r\nx`,
      [200, OK],
    ],
    [
      'a target without a path',
      `POST http://y HTTP/1.1\r\nHost: x\r\n${CLOSE}Content-Length: 0\r\n\r\n`,
      [404, error('not-found')],
    ],
    ['HEAD', `HEAD /webhooks/slack HTTP/1.1\r\nHost: x\r\n${CLOSE}\r\n`, [405, '']],
    [
      'PUT with a body',
      `PUT /webhooks/slack HTTP/1.1\r\nHost: x\r\n${CLOSE}Content-Length: 1\r\n\r\nx`,
      [405, error('method-not-allowed')],
    ],
    [
      'an expectation that nobody knows',
      `${POST}Expect: miracles\r\nContent-Length: 1\r\n\r\nx`,
      [417, error('unknown-expectation')],
    ],
    [
      'leave asked for what is too large',
      `${POST}Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n${'x'.repeat(1001)}`,
      [413, error('too-large')],
    ],
    [
      'two requests at once',
      `${POST}Content-Length: 1\r\n\r\nx${POST}${CLOSE}Content-Length: 1\r\n\r\ny`,
      [200, OK],
      [200, OK],
    ],
    ['junk behind a request', `${POST}Content-Length: 1\r\n\r\nxhello\r\n\r\n`, [200, OK], [400, error('malformed')]],
  ])('%s', async (_, sent, ...expected) => {
    const { url } = await testReceiver();
    const came = answers(await rawRequest(url, sent));
    expect(came).toEqual(expected.map(([status, body]) => [status, 'application/json', body]));
    expect((await post(url, '/webhooks/slack')).status).toBe(200);
  });

  test('who asks for leave to send gets it', async () => {
    const { url, got } = await testReceiver();
    const sender = rawConnection(url);
    sender.socket.write(`${POST}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n`);
    await sender.came(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    sender.socket.write('hello');
    expect(answers(await sender.ended)).toMatchObject([[200, 'application/json', { received: true }]]);
    expect(Buffer.from(got[0]?.body ?? []).toString()).toBe('hello');
  });

  test('a compressed body stays as it came: its bytes are what is signed', async () => {
    const { url, got } = await testReceiver();
    const body = gzipSync('{"a":1}');
    await post(url, '/webhooks/slack', { body, headers: { 'content-encoding': 'gzip' } });
    expect(got[0]?.body).toEqual(body);
  });

  test('a body in many small pieces comes through whole', async () => {
    const { url, got } = await testReceiver({ maxBody: 20_000 });
    const text = Array.from({ length: 3000 }, (_, at) => `${at},`).join('');
    const chunks = [...text].map((character) => `1\r\n${character}\r\n`).join('');
    await rawRequest(url, `${POST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
    expect(Buffer.from(got[0]?.body ?? []).toString()).toBe(text);
  });
});

describe('100 MB', () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

  /** Sends 100 MB no faster than they are taken, and gives the answer. */
  async function sendAll(url: string, head: string, piece: Buffer, end = ''): Promise<string> {
    const { socket, ended } = rawConnection(url);
    socket.write(head);
    for (let sent = 0; sent < 100 && socket.writable; sent++) {
      if (!socket.write(piece))
        await new Promise((resolve) => void socket.once('drain', resolve).once('close', resolve));
    }
    socket.write(end);
    return ended;
  }

  test.each([
    ['announced', `Content-Length: ${100 * MEGABYTE.length}`, MEGABYTE, ''],
    [
      'in chunks',
      'Transfer-Encoding: chunked',
      Buffer.concat([Buffer.from('100000\r\n'), MEGABYTE, Buffer.from('\r\n')]),
      '0\r\n\r\n',
    ],
  ])('%s is 413, which the sender gets to see, and takes no memory', async (_, header, piece, end) => {
    const { url, got, told } = await testReceiver({ maxBody: 2 * MEGABYTE.length });
    const before = process.memoryUsage().rss;
    const came = await sendAll(url, `${POST}${header}\r\n\r\n`, piece, end);
    expect(answers(came)).toEqual([[413, 'application/json', expect.objectContaining({ error: 'too-large' })]]);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * MEGABYTE.length);
    expect([got, told]).toEqual([[], [['too-large', 'slack']]]);
  });
});

describe('senders that sit there', () => {
  test('one byte at a time, in the headers or the body, is cut off in time; others are served meanwhile', async () => {
    const { url } = await testReceiver({ patienceMs: 500 });
    const slow = ['POST /webhooks/slack HTTP/1.1\r\nX-A: ', `${POST}Content-Length: 900\r\n\r\n`].map((begin) => {
      const { socket, ended } = rawConnection(url);
      socket.write(begin);
      const drip = setInterval(() => socket.write('a'), 20);
      onTestFinished(() => clearInterval(drip));
      return ended;
    });
    expect((await post(url, '/webhooks/slack')).status).toBe(200);
    for (const came of await Promise.all(slow))
      expect(answers(came)).toMatchObject([[408, 'application/json', { error: 'too-slow' }]]);
  });

  test('whoever has been idle longest makes room for a newcomer', async () => {
    const { url, got } = await testReceiver({ maxConnections: 20 });
    const crowd = Array.from({ length: 300 }, (_, at) => {
      const connection = rawConnection(url);
      if (at % 2) connection.socket.write(`${POST}Content-Length: 100\r\n\r\nabc`);
      return connection;
    });
    let closed = 0;
    for (const { ended } of crowd) void ended.then(() => (closed += 1));
    for (let at = 0; at < 5; at++) expect((await post(url, '/webhooks/slack')).status).toBe(200);
    await expect.poll(() => closed).toBeGreaterThanOrEqual(280);
    expect(got).toHaveLength(5);
  });

  test('a request that is being worked on is not cut off by newcomers', async () => {
    const gate = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { url } = await testReceiver({
      maxConnections: 5,
      receive: async () => {
        begin();
        await gate.promise;
        return { outcome: 'accepted', status: 200, body: { received: true } };
      },
    });
    const worked = rawRequest(url, `${POST}Connection: close\r\nContent-Length: 1\r\n\r\nx`);
    await begun;
    const crowd = Array.from({ length: 50 }, () => rawConnection(url));
    await Promise.all(crowd.slice(0, 40).map(({ ended }) => ended));
    gate.resolve();
    expect(answers(await worked)).toMatchObject([[200, 'application/json', { received: true }]]);
  });

  test('bodies that never end make room for one that does', async () => {
    const { url, told } = await testReceiver({ maxBody: 100_000, room: 1_000_000 });
    const crowd = Array.from({ length: 30 }, () => {
      const connection = rawConnection(url);
      connection.socket.write(`${POST}Content-Length: 90000\r\n\r\n${'x'.repeat(80_000)}`);
      return connection;
    });
    await Promise.all(
      crowd.slice(0, 10).map(({ came }) => came(/^HTTP\/1\.1 503 [\s\S]*retry-after: 5[\s\S]*"overloaded"/)),
    );
    expect((await post(url, '/webhooks/slack', { body: 'x'.repeat(90_000) })).status).toBe(200);
    expect(told.at(-1)).toEqual(['accepted', 'slack']);
  });
});

test('what is not stored in time is refused, and closing does not wait for it', async () => {
  const told: string[] = [];
  const { url, close } = await testReceiver({
    answerMs: 200,
    receive: () => new Promise(() => {}),
    told: (outcome) => void told.push(outcome),
  });
  const refused = await post(url, '/webhooks/slack');
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    ...[503, '5'],
    expect.objectContaining({ error: 'too-slow' }),
  ]);
  expect(told).toEqual(['overloaded']);
  await close();
});

test('a provider that nobody knows is 404 from the head, and its name goes nowhere, be it too large or too crowded', async () => {
  // There is room for nothing.
  const { url, got, told } = await testReceiver({ maxBody: 100, room: 1, knows: (id) => id === 'slack' });
  const heads = ['Content-Length: 5000', 'Transfer-Encoding: chunked', 'Expect: 100-continue\r\nContent-Length: 90'];
  for (const [at, head] of heads.entries()) {
    const sender = rawConnection(url);
    sender.socket.write(`POST /webhooks/evil${at} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
    await sender.came(/^HTTP\/1\.1 404 [\s\S]*"unknown-provider"/);
    sender.socket.destroy();
  }
  expect((await post(url, '/webhooks/slack')).status).toBe(503);
  expect(got).toEqual([]);
  expect(told).toEqual([...heads.map(() => ['unknown-provider', undefined]), ['overloaded', 'slack']]);
});
