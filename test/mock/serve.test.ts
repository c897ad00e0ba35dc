import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { manualClock } from './manual-clock.ts';
import { call, startMock } from './started-mock.ts';

/** Writes bytes to the mock and reads until it closes the connection. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

test('every answer has the Date of the clock of the mock, also controls and unknown paths', async () => {
  const { url, clock } = await startMock();
  clock.advance(5000);
  for (const path of ['/', '/nowhere', '/_mock/requests', '/slack/api/auth.test']) {
    expect((await call(url + path)).headers.get('date')).toBe('Mon, 05 Jan 2026 12:00:05 GMT');
  }
});

test('a provider that was not asked for is not there', async () => {
  const { url } = await startMock({ providers: ['slack'] });
  expect((await call(`${url}/`)).body).toEqual({ mock: 'lwi', providers: ['slack'] });
  expect((await call(`${url}/quickbooks/connect/oauth2`)).status).toBe(404);
  expect(() => createMock({ clock: manualClock(), providers: ['fedex'] })).toThrow(
    expect.objectContaining({ code: 'PROVIDER_UNKNOWN' }),
  );
});

test.each([
  ['a request that is no HTTP', 'hello\r\n\r\n'],
  ['a request without Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['a method that fetch forbids', 'TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
  ['a foreign Host', 'GET / HTTP/1.1\r\nHost: rebound.example.com\r\n\r\n'],
  ['a target that is no path', 'OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
])('%s is answered 400', async (_what, text) => {
  const { url } = await startMock();
  expect(await raw(url, text)).toMatch(/^HTTP\/1.1 400 /);
  expect((await call(`${url}/`)).status).toBe(200);
});

test('a body of more than 1 MiB is answered 413, one of exactly 1 MiB is read', async () => {
  const { url } = await startMock();
  const post = async (bytes: number) =>
    (await call(`${url}/slack/api/auth.test`, { method: 'POST', body: new Uint8Array(bytes).fill(97) })).status;
  expect(await post(1024 * 1024)).toBe(200);
  const head = `POST /slack/api/auth.test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${1024 * 1024 + 1}\r\n\r\n`;
  expect(await raw(url, head + 'a'.repeat(1024 * 1024 + 1))).toMatch(/^HTTP\/1.1 413 /);
});

test('a busy port is PORT_IN_USE, an impossible one USAGE', async () => {
  const { url, mock } = await startMock();
  await expect(serveMock({ mock, port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await expect(serveMock({ mock, port: 70_000 })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(serveMock({ mock, port: 0, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'USAGE' });
});

test('closing ends open connections, and the port is free again', async () => {
  const mock = createMock({ clock: manualClock() });
  const first = await serveMock({ mock, port: 0 });
  await call(`${first.url}/`);
  await first.close();
  await expect(call(`${first.url}/`)).rejects.toThrow('fetch failed');
  const second = await serveMock({ mock, port: Number(new URL(first.url).port) });
  onTestFinished(() => second.close());
  expect((await call(`${second.url}/`)).status).toBe(200);
});

test.each([{ seed: 1.5 }, { records: -1 }, { limitScale: 0 }, { faults: ['nonsense'] }])(
  'the options %j are refused',
  (options) => {
    expect(() => createMock({ clock: manualClock(), ...options })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);
