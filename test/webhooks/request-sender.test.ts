import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { retryAfterMs } from '../../src/http/retry-after.ts';
import { type OutgoingRequest, requestSender, type SenderOptions } from '../../src/webhooks/request-sender.ts';
import { certificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';

const RUNNING = new AbortController().signal;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

interface Wire {
  readonly url: string;
  /** What came on each connection, as latin1 text. */
  readonly connections: string[];
}

/** A server that speaks bytes: `answer` is asked whenever something came on a connection. */
async function wire(answer: (came: string, socket: Socket, connection: number) => void): Promise<Wire> {
  const connections: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const connection = connections.push('') - 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      connections[connection] += chunk.toString('latin1');
      answer(connections[connection] ?? '', socket, connection);
    });
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${await listening(server)}/hook`, connections };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

/** Answers every request whose end it sees with these bytes. */
const always = (bytes: string) => (came: string, socket: Socket) => {
  if (came.endsWith('\r\n\r\n{}')) socket.write(bytes);
};

function sender(options: Partial<SenderOptions> = {}) {
  const made = requestSender({ clock: systemClock, timeoutMs: 5000, maxSockets: 4, retryAfterMs, ...options });
  onTestFinished(made.close);
  return made;
}

const request = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  ...{ url, method: 'POST', headers: [], body: Buffer.from('{}') },
  ...more,
});

describe('what goes over the wire', () => {
  it('headers keep spelling, order and repeats; those of the hop are made anew', async () => {
    const { url, connections } = await wire(always(OK));
    const headers = [
      ['X-Slack-SIGNATURE', 'v0=ab'],
      ['host', 'elsewhere.example'],
      ['x-twice', 'one'],
      ['Content-Length', '999'],
      ['X-Twice', 'two'],
      ['transfer-encoding', 'chunked'],
      ['Connection', 'close, X-Hop'],
      ['x-hop', 'gone'],
      ['Expect', '100-continue'],
      ['Proxy-Authorization', 'Basic gone'],
      ['te', 'trailers'],
      ['upgrade', 'h2c'],
      ['x-latin', 'caf\xe9'],
      ['user-agent', 'Slackbot 1.0'],
    ] as const;
    expect(await sender().send(request(url, { headers }), RUNNING)).toMatchObject({ status: 200 });
    expect(connections).toEqual([
      [
        'POST /hook HTTP/1.1',
        `Host: ${new URL(url).host}`,
        'X-Slack-SIGNATURE: v0=ab',
        'x-twice: one',
        'X-Twice: two',
        'x-latin: caf\xe9',
        'user-agent: Slackbot 1.0',
        'Content-Length: 2',
        'Connection: keep-alive',
        '',
        '{}',
      ].join('\r\n'),
    ]);
  });

  it('the body goes byte for byte, and the path as it is written', async () => {
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
    const { url, connections } = await wire((came, socket) => {
      if (came.length > body.length && came.endsWith(body.subarray(-300).toString('latin1'))) socket.write(OK);
    });
    await sender().send(request(`${url}/../a%7eb?x=%2F&y={1}`, { body }), RUNNING);
    const [head = '', ...rest] = (connections[0] ?? '').split('\r\n\r\n');
    expect(head).toContain('POST /hook/../a%7eb?x=%2F&y={1} HTTP/1.1\r\n');
    expect(head).toContain('Content-Length: 70000\r\n');
    expect(Buffer.from(rest.join('\r\n\r\n'), 'latin1').equals(body)).toBe(true);
  });

  it('a request without a body says so, but a GET says nothing of it', async () => {
    const { url, connections } = await wire((came, socket) => void (came.endsWith('\r\n\r\n') && socket.write(OK)));
    await sender().send(request(url, { body: new Uint8Array() }), RUNNING);
    await sender().send(request(url, { body: new Uint8Array(), method: 'GET' }), RUNNING);
    expect(connections[0]).toContain('Content-Length: 0\r\n');
    expect(connections[1]).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('one connection serves many requests, and no more than allowed are opened', async () => {
    const { url, connections } = await wire(always(OK));
    const one = sender({ maxSockets: 2 });
    const ends = await Promise.all(Array.from({ length: 20 }, () => one.send(request(url), RUNNING)));
    expect(ends.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(connections.length).toBe(2);
  });
});

describe('what comes back', () => {
  it.each([
    [
      'a redirect is an answer',
      'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
      302,
    ],
    ['an interim answer is none', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`, 200],
    ['a failure', 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n', 500],
    [
      'another protocol that nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbytes',
      101,
    ],
    ['another protocol without a name', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 101],
  ])('%s', async (_name, bytes, status) => {
    const { url } = await wire(always(bytes));
    expect(await sender().send(request(url), RUNNING)).toEqual({ status, tookMs: expect.any(Number) });
  });

  it('a tunnel is an answer', async () => {
    const { url } = await wire((_came, socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    const asked = request(url, { method: 'CONNECT', body: new Uint8Array() });
    expect(await sender().send(asked, RUNNING)).toEqual({ status: 200, tookMs: expect.any(Number) });
  });

  it.each([
    ['in seconds', 'Retry-After: 7', 7000],
    [
      'as a date, by the clock of the target',
      'Date: Mon, 05 Jan 2026 10:00:00 GMT\r\nRetry-After: Mon, 05 Jan 2026 10:00:30 GMT',
      30_000,
    ],
    ['that is nonsense', 'Retry-After: soon', undefined],
  ])('Retry-After %s', async (_name, header, expected) => {
    const { url } = await wire(always(`HTTP/1.1 503 No\r\n${header}\r\nContent-Length: 0\r\n\r\n`));
    expect((await sender().send(request(url), RUNNING)).retryAfterMs).toBe(expected);
  });

  it('a body that breaks off changes nothing in what the head said', async () => {
    const { url } = await wire((_came, socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'));
    expect(await sender().send(request(url), RUNNING)).toMatchObject({ status: 200 });
  });

  it('a body without an end is left, and its connection closed', async () => {
    let closed = false;
    const { url } = await wire((_came, socket) => {
      socket.on('close', () => {
        closed = true;
      });
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = () => socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`, (error) => void (error || more()));
      more();
    });
    expect(await sender().send(request(url), RUNNING)).toMatchObject({ status: 200 });
    await expect.poll(() => closed).toBe(true);
  });

  it('a body that stops ends with the deadline, and the status counts', async () => {
    const { url } = await wire((_came, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'));
    const end = await sender({ timeoutMs: 150 }).send(request(url), RUNNING);
    expect(end).toEqual({ status: 200, tookMs: expect.any(Number) });
    expect(end.tookMs).toBeGreaterThanOrEqual(140);
  });
});

describe('no answer', () => {
  const failure = async (url: string, options: Partial<SenderOptions> = {}, more: Partial<OutgoingRequest> = {}) => {
    const { status, error, unsendable } = await sender(options).send(request(url, more), RUNNING);
    expect({ status, unsendable }).toEqual({});
    return error;
  };

  it('nobody listens', async () => {
    expect(await failure(`http://127.0.0.1:${await freePort()}/`)).toBe('connection refused');
    expect(await failure(`http://localhost:${await freePort()}/`)).toBe('connection refused');
  });

  it('a name that there is not', async () => {
    expect(await failure('http://nowhere.invalid/')).toMatch(/^DNS: the name nowhere\.invalid cannot be resolved/);
  });

  it('a target that hangs', async () => {
    const { url } = await wire(() => {});
    expect(await failure(url, { timeoutMs: 120 })).toBe('timeout after 120ms');
  });

  it('a target that is busy: the wait for a connection counts', async () => {
    const { url, connections } = await wire(() => {});
    const one = sender({ timeoutMs: 150, maxSockets: 1 });
    const ends = await Promise.all([one.send(request(url), RUNNING), one.send(request(url), RUNNING)]);
    expect(ends.map(({ error }) => error)).toEqual(['timeout after 150ms', 'timeout after 150ms']);
    expect(connections.length).toBe(1);
  });

  it.each([
    ['is cut by a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is ended before an answer', (socket: Socket) => socket.end()],
    ['is ended in the middle of the head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nConte')],
  ])('a fresh connection that %s is not tried again', async (_name, cut) => {
    const { url, connections } = await wire((_came, socket) => cut(socket));
    expect(await failure(url)).toBe('connection closed without an answer');
    expect(connections.length).toBe(1);
  });

  it('something that is no HTTP', async () => {
    const { url } = await wire((_came, socket) => socket.end('220 mail.example ESMTP\r\n'));
    expect(await failure(url)).toMatch(/^the answer is no HTTP\/1\.1 \(HPE_/);
  });

  it('a certificate that does not hold', async () => {
    const day = 86_400_000;
    const made = certificate({ host: '127.0.0.1', from: systemClock.now() - day, until: systemClock.now() + day });
    const port = await listening(createTlsServer(made, (socket) => socket.on('error', () => {})));
    expect(await failure(`https://127.0.0.1:${port}/`)).toBe('TLS: no safe connection (DEPTH_ZERO_SELF_SIGNED_CERT)');
  });

  it('a server that speaks no TLS', async () => {
    const { url } = await wire((_came, socket) => socket.end(OK));
    expect(await failure(url.replace('http:', 'https:'))).toMatch(/^TLS: no safe connection \((EPROTO|ERR_SSL_\w+)\)$/);
  });

  it.each([
    ['a line break in a header', { headers: [['x-a', 'one\r\nx-b: two']] as const }],
    ['a name that is none', { headers: [['x a', 'one']] as const }],
    ['a letter that no header can hold', { headers: [['x-a', '\u4f60']] as const }],
    ['a method that is none', { method: 'PO ST' }],
  ])('%s is an end, not a throw, and nothing is sent', async (_name, more) => {
    const { url, connections } = await wire(always(OK));
    const end = await sender().send(request(url, more), RUNNING);
    expect(end).toEqual({ unsendable: true, error: expect.stringMatching(/^not sent: /), tookMs: expect.any(Number) });
    expect(connections).toEqual([]);
  });

  it.each(['nonsense', 'ftp://127.0.0.1/', 'http://'])('%s is no address', async (url) => {
    expect(await sender().send(request(url), RUNNING)).toMatchObject({
      ...{ unsendable: true, error: 'not sent: this is no http or https address' },
    });
  });
});

describe('a kept connection that the target closed just when it was used', () => {
  it.each([
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['an end', (socket: Socket) => socket.destroy()],
  ])('%s: the request goes once more, on a new one', async (_name, cut) => {
    const { url, connections } = await wire((came, socket, connection) => {
      if (connection === 0 && came.split('POST').length > 2) cut(socket);
      else socket.write(OK);
    });
    const one = sender();
    await one.send(request(url), RUNNING);
    expect(await one.send(request(url), RUNNING)).toMatchObject({ status: 200 });
    expect(connections.length).toBe(2);
  });

  it('but only once', async () => {
    const { url, connections } = await wire((came, socket, connection) => {
      if (connection === 0 && came.split('POST').length === 2) socket.write(OK);
      else socket.resetAndDestroy();
    });
    const one = sender();
    await one.send(request(url), RUNNING);
    expect(await one.send(request(url), RUNNING)).toMatchObject({ error: 'connection closed without an answer' });
    expect(connections.length).toBe(2);
  });

  it('and not after a byte of an answer', async () => {
    const { url, connections } = await wire((came, socket) => {
      if (came.split('POST').length === 2) return socket.write(OK);
      socket.write('H', () => socket.resetAndDestroy());
      return false;
    });
    const one = sender();
    await one.send(request(url), RUNNING);
    const end = await one.send(request(url), RUNNING);
    expect(end.status).toBeUndefined();
    expect(connections.length).toBe(1);
  });
});

describe('a stop', () => {
  it('before an answer rejects with its reason', async () => {
    const stop = new AbortController();
    const { url } = await wire(() => stop.abort(new Error('stopped')));
    await expect(sender().send(request(url), stop.signal)).rejects.toThrow('stopped');
    await expect(sender().send(request(url), stop.signal)).rejects.toThrow('stopped');
  });

  it('behind the head of an answer keeps what was said', async () => {
    const { url } = await wire(
      (_came, socket) => void socket.write('HTTP/1.1 201 OK\r\nContent-Length: 9\r\n\r\nhalf'),
    );
    const end = await sender().send(request(url), AbortSignal.timeout(150));
    expect(end).toEqual({ status: 201, tookMs: expect.any(Number) });
  });
});
