import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { isLwiError } from '../../src/errors.ts';
import type { Call } from '../../src/http/http.ts';
import { DEFAULT_TIMEOUTS, type Timeouts, timeoutsFor } from '../../src/http/timeouts.ts';
import { transport } from '../../src/http/transport.ts';
import { call, failureOf } from './support.ts';

/** A port on which `onSocket` deals with each connection as it likes, bytes and all. */
async function port(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port of a process that is stopped, its queue of connections full: whoever connects waits for ever. */
async function portThatNeverAccepts(): Promise<number> {
  const script =
    "const s = require('node:net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(s.address().port)));";
  const child: ChildProcess = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const waiting: Socket[] = [];
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy();
    child.kill('SIGKILL');
  });
  const number = Number(await new Promise((resolve) => child.stdout?.once('data', resolve)));
  child.kill('SIGSTOP');
  for (let i = 0; i < 8; i++) waiting.push(connect(number, '127.0.0.1').on('error', () => {}));
  await systemClock.sleep(50);
  return number;
}

/** What one request under these timeouts ends with: code, whether certainly nothing was sent, message. */
async function outcome(url: string, timeouts: Partial<Timeouts>, change: Partial<Call> = {}) {
  const wire = transport({ userAgent: 'lwi-test', timeouts: () => ({ ...DEFAULT_TIMEOUTS, ...timeouts }) });
  onTestFinished(wire.close);
  const error = await failureOf(wire.send({ method: 'GET', url, headers: {} }, call(change)));
  return isLwiError(error) ? [error.code, error.facts.unsent ?? false, error.retryable, error.message] : error;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';

describe('each timeout of the config, over a real socket', () => {
  it('connectMs: a server that never accepts', async () => {
    const host = `127.0.0.1:${await portThatNeverAccepts()}`;
    const message = `No connection to ${host} within 60ms (\`timeouts.connectMs\` in the config).`;
    expect(await outcome(`http://${host}/`, { connectMs: 60 })).toEqual(['TIMEOUT', true, true, message]);
  });

  it('connectMs: a server that accepts and never says a word of TLS', async () => {
    const host = `127.0.0.1:${await port(() => {})}`;
    const message = `No connection to ${host} within 60ms (\`timeouts.connectMs\` in the config).`;
    expect(await outcome(`https://${host}/`, { connectMs: 60 })).toEqual(['TIMEOUT', true, true, message]);
  });

  it('headersMs: a server that never answers', async () => {
    const host = `127.0.0.1:${await port((socket) => socket.resume())}`;
    const message = `${host} did not begin to answer within 60ms (\`timeouts.headersMs\` in the config).`;
    expect(await outcome(`http://${host}/`, { headersMs: 60 })).toEqual(['TIMEOUT', false, true, message]);
  });

  it('bodyMs: a server that stalls in the middle of its answer', async () => {
    const host = `127.0.0.1:${await port((socket) => void socket.once('data', () => socket.write(`${HEAD}{"a`)))}`;
    const message = `${host} stopped in the middle of its answer for 60ms (\`timeouts.bodyMs\` in the config).`;
    expect(await outcome(`http://${host}/`, { bodyMs: 60 })).toEqual(['TIMEOUT', false, true, message]);
  });

  it('attemptMs: a server that dribbles, so that every pause is short', async () => {
    const dribble = async (socket: Socket) => {
      socket.write(HEAD);
      while (!socket.destroyed) {
        socket.write(' ');
        await systemClock.sleep(10);
      }
    };
    const host = `127.0.0.1:${await port((socket) => void socket.once('data', () => dribble(socket)))}`;
    const message = `${host} did not end its answer within 120ms (\`timeouts.attemptMs\` in the config).`;
    const patient = { headersMs: 60_000, bodyMs: 60_000, attemptMs: 120 };
    expect(await outcome(`http://${host}/`, patient)).toEqual(['TIMEOUT', false, true, message]);
  });

  it.each([30, -100])(
    'callMs: the deadline of the call, %i ms away, if it comes before the end of the attempt',
    async (left) => {
      const host = `127.0.0.1:${await port((socket) => socket.resume())}`;
      const message = `${host} did not answer before the time for the whole call was over (\`timeouts.callMs\` in the config).`;
      const deadline = systemClock.now() + left;
      expect(await outcome(`http://${host}/`, {}, { deadline })).toEqual(['TIMEOUT', false, true, message]);
    },
  );

  it('an OAuth endpoint has 30 s at most, and less where the config says so', async () => {
    const host = `127.0.0.1:${await port((socket) => socket.resume())}`;
    const message = `${host} did not end its answer within 50ms (\`timeouts.attemptMs\` in the config).`;
    expect(await outcome(`http://${host}/`, { attemptMs: 50 }, { raw: true })).toEqual([
      'TIMEOUT',
      false,
      true,
      message,
    ]);
  });

  it('holds for the provider that it is set for', async () => {
    const host = `127.0.0.1:${await port((socket) => socket.resume())}`;
    const settings = { attemptMs: 5000, providers: { slack: { attemptMs: 40 } } };
    const wire = transport({ userAgent: 'lwi-test', timeouts: (id) => timeoutsFor(settings, id) });
    onTestFinished(wire.close);
    const ask = (provider: string) =>
      failureOf(wire.send({ method: 'GET', url: `http://${host}/`, headers: {} }, call({ provider })));
    const quickbooks = ask('quickbooks');
    expect(await Promise.race([ask('slack').then(() => 'slack'), quickbooks.then(() => 'quickbooks')])).toBe('slack');
    await wire.close();
    await quickbooks;
  });
});

describe('the settings of timeouts', () => {
  it('are those of the provider before those for all before the defaults', () => {
    const settings = { connectMs: 1, bodyMs: 2, providers: { slack: { bodyMs: 3 } } };
    expect(timeoutsFor(settings, 'slack')).toEqual({ ...DEFAULT_TIMEOUTS, connectMs: 1, bodyMs: 3 });
    expect(timeoutsFor(settings, 'quickbooks')).toEqual({ ...DEFAULT_TIMEOUTS, connectMs: 1, bodyMs: 2 });
    expect(timeoutsFor(undefined, 'constructor')).toEqual(DEFAULT_TIMEOUTS);
  });
});
