import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { freePort } from '../support/free-port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { type Serving, startListen, startServe, WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, slackEvent, slackSigned } from '../support/signed-event.ts';
import { integrity, queryStore } from '../support/store-file.ts';
import { openTarget } from '../support/target.ts';

interface ForwardRow {
  readonly key: string;
  readonly state: string;
  readonly attempts: number;
}

const forwards = (lwi: Scenario) =>
  queryStore<ForwardRow>(
    lwi.home,
    'SELECT key, forwards.state, forwards.attempts FROM forwards JOIN inbox USING (event) ORDER BY event, target',
  );
const states = (lwi: Scenario) => forwards(lwi).map(({ state }) => state);

/** Every attempt in the store, or those for one event. */
const attempts = (lwi: Scenario, key?: string) =>
  queryStore<{
    key: string;
    attempt: number | null;
    status: number | null;
    error: string | null;
    took_ms: number | null;
  }>(
    lwi.home,
    'SELECT key, attempt, status, error, took_ms FROM forward_attempts JOIN inbox USING (event) ORDER BY event, number',
  ).filter((row) => key === undefined || row.key === key);

async function post(listen: Serving, ...ids: string[]): Promise<void> {
  const answers = await Promise.all(ids.map((id) => postEvent(`${listen.url}/webhooks/slack`, slackEvent(id))));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
}

const named = (count: number, name = 'Ev') => Array.from({ length: count }, (_, at) => `${name}${at}`);

async function stop(listen: Serving, signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM') {
  listen.child.kill(signal);
  return listen.ended;
}

/** A server below HTTP: what it does with each connection once something came over it. */
async function rawTarget(act: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => act(socket, ++count));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

describe('forwarding', () => {
  test('body and headers arrive byte for byte, in their spelling, order and number, and two more', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    const bytes = Buffer.from([...Array(256).keys(), 0xff, 0xfe, 0x00, 0x0d, 0x0a]);
    const event = slackSigned(bytes);
    const more = [
      ['X-Trace', 'one'],
      ['x-MIXED-case', 'münchen'],
      ['X-Trace', 'two'],
      ['X-Empty', ''],
      ['X-Lwi-Attempt', '99'],
      ['X-Lwi-Event-Id', 'forged'],
      ['X-Hop', 'of this hop'],
      ['Connection', 'close, X-Hop'],
    ] as const;
    const { json } = await postEvent(`${listen.url}/webhooks/slack?x=1`, event, more);
    await expect.poll(() => target.arrived.length).toBe(1);
    const [one] = target.arrived;
    expect(one).toMatchObject({ method: 'POST', path: '/hooks?tenant=1', body: bytes });
    expect(one?.headers.filter(([name]) => name !== 'Connection' && name !== 'Host')).toEqual([
      ...Object.entries(event.headers),
      ...more.slice(0, 4),
      ['X-Lwi-Event-Id', json['eventId']],
      ['X-Lwi-Attempt', '1'],
      ['Content-Length', String(bytes.length)],
    ]);
    expect(one?.header('host')).toBe(`127.0.0.1:${target.port}`);
    // What arrived still verifies: the target need not trust lwi.
    const headers = Object.entries(event.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const verified = ['webhook', 'verify', 'slack', '--body', '-', ...headers];
    expect((await lwi.run(verified, { stdin: one?.body ?? '', env: WEBHOOK_SECRETS })).code).toBe(0);
  });

  test('a target that is down for a while gets everything once it is up, in attempts that are written down', async () => {
    const lwi = await openScenario();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/hooks?tenant=1`;
    const listen = await startListen(lwi, ['--forward-to', url]);
    await post(listen, ...named(30));
    expect(await listen.line('target', { state: 'down' })).toEqual({ type: 'target', target: url, state: 'down' });
    expect(states(lwi).filter((state) => state === 'delivered')).toEqual([]);
    const target = await openTarget(() => 200, port);
    await listen.line('target', { state: 'up' });
    await expect.poll(() => new Set(states(lwi)), { timeout: 5000 }).toEqual(new Set(['delivered']));
    expect(target.ids().sort()).toEqual(named(30).sort());
    const all = attempts(lwi);
    expect(new Set(all.map(({ status, error }) => status ?? error))).toEqual(new Set([200, 'connection refused']));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(30);
    // While it was down the inbox was not tried through, one by one.
    expect(all.length).toBeLessThan(60);
  });

  test('whatever is not 2xx is tried again, each event by itself, and a redirect is not followed', async () => {
    const lwi = await openScenario();
    const elsewhere = await openTarget();
    const statuses = [500, 429, 301, 404];
    const target = await openTarget((one, outgoing) => {
      if (one.header('x-lwi-attempt') !== '1') return 200;
      const status = Number(one.header('x-lwi-event-id')?.slice(2));
      outgoing.writeHead(status, { location: elsewhere.url, 'content-length': '0' }).end();
      return undefined;
    });
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    await post(listen, ...statuses.map((status) => `Ev${status}`));
    for (const status of statuses) await listen.line('delivery', { eventId: `Ev${status}`, state: 'delivered' });
    for (const status of statuses) {
      const key = `Ev${status}`;
      expect(attempts(lwi, key)).toMatchObject([
        { attempt: 1, status, error: `answered ${status}` },
        { attempt: 2, status: 200, error: null },
      ]);
      const bodies = target.arrived.filter((one) => one.header('x-lwi-event-id') === key).map(({ body }) => body);
      expect(bodies).toHaveLength(2);
      expect(bodies[0]).toEqual(bodies[1]);
    }
    expect(elsewhere.arrived).toEqual([]);
  });

  test('Retry-After is waited for; 410 is the end of an event, and of no other', async () => {
    const lwi = await openScenario();
    let firstAt = 0;
    let secondAt = 0;
    const target = await openTarget((one, outgoing) => {
      if (one.header('x-lwi-event-id') === 'EvGone') return 410;
      if (one.header('x-lwi-attempt') !== '1') {
        secondAt = systemClock.now();
        return 200;
      }
      firstAt = systemClock.now();
      outgoing.writeHead(429, { 'retry-after': '3', 'content-length': '0' }).end();
      return undefined;
    });
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    await post(listen, 'EvGone');
    expect(await listen.line('delivery', { state: 'failed' })).toMatchObject({ status: 410, error: 'answered 410' });
    await post(listen, 'EvLater');
    await listen.line('delivery', { state: 'delivered' });
    expect(secondAt - firstAt).toBeGreaterThanOrEqual(2950);
    expect(forwards(lwi)).toEqual([
      { key: 'EvGone', state: 'failed', attempts: 1 },
      { key: 'EvLater', state: 'delivered', attempts: 2 },
    ]);
    expect(target.ids().filter((id) => id === 'EvGone')).toHaveLength(1);
  });

  test('after --retry-for an event is failed, and kept', async () => {
    const lwi = await openScenario();
    const target = await openTarget(() => 400);
    const listen = await startListen(lwi, ['--forward-to', target.url, '--retry-for', '1s']);
    await post(listen, 'Ev1');
    expect(await listen.line('delivery', { state: 'failed' })).toMatchObject({ attempt: 2, error: 'answered 400' });
    expect(forwards(lwi)).toEqual([{ key: 'Ev1', state: 'failed', attempts: 2 }]);
    expect(await lwi.json(['webhook', 'list', '--state', 'failed'])).toMatchObject([
      { eventId: 'Ev1', state: 'failed' },
    ]);
  });

  test('a target that hangs, resets, half answers or talks nonsense costs an attempt, with its reason', async () => {
    const lwi = await openScenario();
    const acts = [
      (socket: Socket) => void socket,
      (socket: Socket) => socket.resetAndDestroy(),
      (socket: Socket) => socket.end('HTTP/1.1 200'),
      (socket: Socket) => socket.end('220 smtp.example ESMTP\r\n'),
      (socket: Socket) => socket.end(OK),
    ];
    // Each does its own thing with the first attempt, so that the circuit of one does not slow down the others.
    const urls = await Promise.all(
      acts.map((act) => rawTarget((socket, count) => (count === 1 ? act(socket) : socket.end(OK)))),
    );
    const words = urls.flatMap((url) => ['--forward-to', url]);
    const listen = await startListen(lwi, [...words, '--timeout', '700ms']);
    await post(listen, 'Ev1');
    await expect.poll(() => states(lwi), { timeout: 10_000 }).toEqual(urls.map(() => 'delivered'));
    const firsts = queryStore<{ target: string; error: string | null }>(
      lwi.home,
      'SELECT target, error FROM forward_attempts WHERE attempt = 1',
    );
    expect(urls.map((url) => firsts.find(({ target }) => target === url)?.error)).toEqual([
      'timeout after 700ms',
      'connection closed without an answer',
      expect.stringMatching(/^connection closed without an answer|no HTTP/),
      expect.stringContaining('no HTTP/1.1'),
      null,
    ]);
  });

  test('a body without end, or one that breaks off, does not take back the 200', async () => {
    const lwi = await openScenario();
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const endless = await rawTarget((socket) => {
      socket.write(head);
      const more = () => {
        if (socket.writable && socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`)) setImmediate(more);
        else socket.once('drain', more);
      };
      more();
    });
    const broken = await rawTarget((socket) => socket.end(`${head}5\r\nab`));
    const silent = await rawTarget((socket) => void socket.write(`${head}5\r\nab`));
    const words = [endless, broken, silent].flatMap((url) => ['--forward-to', url]);
    const listen = await startListen(lwi, [...words, '--timeout', '700ms']);
    // Asked once beforehand: the first question to PostgreSQL stops this process, and so the targets, for longer.
    expect(states(lwi)).toEqual([]);
    await post(listen, 'Ev1');
    await expect.poll(() => states(lwi)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(attempts(lwi).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('a slow target holds up no answer to a sender, and gets no more than --concurrency at once', async () => {
    const lwi = await openScenario();
    let open = 0;
    let most = 0;
    const target = await openTarget((_one, outgoing) => {
      open += 1;
      most = Math.max(most, open);
      void systemClock.sleep(150).then(() => {
        open -= 1;
        outgoing.end();
      });
      return undefined;
    });
    const listen = await startListen(lwi, ['--forward-to', target.url, '--concurrency', '3']);
    await post(listen, ...named(30));
    expect(target.arrived.length).toBeLessThan(30);
    await expect.poll(() => new Set(states(lwi)), { timeout: 10_000 }).toEqual(new Set(['delivered']));
    expect(most).toBe(3);
    expect(target.ids().sort()).toEqual(named(30).sort());
  });
});

test('of two addresses on one host the one that hangs does not hold up the other', async () => {
  const lwi = await openScenario();
  const target = await openTarget((one) => (one.path === '/hangs' ? undefined : 200));
  const [hangs, works] = ['hangs', 'works'].map((path) => `http://127.0.0.1:${target.port}/${path}`);
  const words = ['--forward-to', String(hangs), '--forward-to', String(works), '--concurrency', '2'];
  const listen = await startListen(lwi, words);
  await post(listen, ...named(6));
  const done = () =>
    queryStore(lwi.home, "SELECT event FROM forwards WHERE state = 'delivered' AND target = ?", String(works)).length;
  await expect.poll(done, { timeout: 3000 }).toBe(6);
});

describe('stopping and going on', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s lets attempts under way be answered; what was answered is not sent again', async (signal, code) => {
    const lwi = await openScenario();
    const target = await openTarget((_one, outgoing) => {
      void systemClock.sleep(800).then(() => outgoing.end());
      return undefined;
    });
    const first = await startListen(lwi, ['--forward-to', target.url, '--concurrency', '4']);
    await post(first, ...named(4));
    await expect.poll(() => target.arrived.length).toBe(4);
    expect((await stop(first, signal)).code).toBe(code);
    expect(states(lwi)).toEqual(named(4).map(() => 'delivered'));
    const second = await startListen(lwi, ['--forward-to', target.url]);
    await post(second, 'EvLast');
    await second.line('delivery', { eventId: 'EvLast' });
    expect(target.arrived).toHaveLength(5);
  });

  test('an attempt that is not answered within the grace is written down as such, and made again at once after the restart', async () => {
    const lwi = await openScenario();
    const target = await openTarget(() => undefined);
    const first = await startListen(lwi, ['--forward-to', target.url]);
    await post(first, 'Ev1');
    await expect.poll(() => target.arrived.length).toBe(1);
    const stoppedAt = systemClock.now();
    expect((await stop(first)).code).toBe(143);
    expect(systemClock.now() - stoppedAt).toBeLessThan(2500);
    expect(forwards(lwi)).toEqual([{ key: 'Ev1', state: 'received', attempts: 1 }]);
    expect(attempts(lwi)).toMatchObject([{ attempt: 1, status: null, error: 'lwi was stopped while it was sending' }]);
    target.answer(() => 200);
    const second = await startListen(lwi, ['--forward-to', target.url]);
    expect(await second.line('delivery')).toMatchObject({ eventId: 'Ev1', attempt: 2, state: 'delivered' });
  });

  test('after a kill it goes on with what was left at once, however long the next attempt was put off', async () => {
    const lwi = await openScenario();
    const target = await openTarget((one) => (one.header('x-lwi-event-id') === 'EvHangs' ? undefined : 503));
    const first = await startListen(lwi, ['--forward-to', target.url]);
    await post(first, 'EvHangs', 'EvFails');
    // Its third attempt is half a minute away.
    await first.line('delivery', { eventId: 'EvFails', attempt: 2 });
    await stop(first, 'SIGKILL');
    target.answer(() => 200);
    const second = await startListen(lwi, ['--forward-to', target.url]);
    await expect.poll(() => states(lwi), { timeout: 3000 }).toEqual(['delivered', 'delivered']);
    expect(await second.line('delivery', { eventId: 'EvFails' })).toMatchObject({ attempt: 3 });
    expect(attempts(lwi)[0]).toMatchObject({ attempt: 1, status: null, error: expect.stringContaining('was ended') });
    expect(integrity(lwi.home)).toBe('ok');
  });

  test('under another address after the restart what waits is not sent there, and a person is told', async () => {
    const lwi = await openScenario();
    const [old, next] = [await openTarget(() => 500), await openTarget()];
    const first = await startListen(lwi, ['--forward-to', old.url]);
    await post(first, 'EvOld');
    await first.line('delivery');
    await stop(first);
    const second = await startListen(lwi, ['--forward-to', next.url]);
    const [line] = await second.said(/^1 event waits for .*$/m);
    expect(line).toContain(old.url);
    expect(line).toContain('lwi webhook replay');
    await post(second, 'EvNew');
    await second.line('delivery', { eventId: 'EvNew' });
    expect(next.ids()).toEqual(['EvNew']);
    expect(forwards(lwi)).toMatchObject([{ state: 'received' }, { state: 'delivered' }]);
    // And the first address gets it when it is named again.
    old.answer(() => 200);
    await stop(second);
    const third = await startListen(lwi, ['--forward-to', next.url, '--forward-to', old.url]);
    await third.line('delivery', { eventId: 'EvOld', state: 'delivered' });
    expect(next.ids()).toEqual(['EvNew']);
  });

  test('what a killed process was sending to an address that is no longer used goes with `replay --waiting`', async () => {
    const lwi = await openScenario();
    const [old, next] = [await openTarget(() => undefined), await openTarget()];
    const first = await startListen(lwi, ['--forward-to', old.url]);
    await post(first, 'EvOld');
    await expect.poll(() => forwards(lwi)).toMatchObject([{ state: 'delivering' }]);
    first.child.kill('SIGKILL');
    await first.ended;
    const ran = await lwi.run(['webhook', 'replay', '--waiting', '--to', next.url, '--json']);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ sent: 1, ok: 1 });
    expect(forwards(lwi)).toMatchObject([{ state: 'delivered' }]);
  });

  test('of two processes with one target both receive, one sends, and the other takes over when that one is killed', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const [one, two] = [
      await startListen(lwi, ['--forward-to', target.url]),
      await startListen(lwi, ['--forward-to', target.url]),
    ];
    expect(await two.line('target')).toEqual({ type: 'target', target: target.url, state: 'held' });
    await Promise.all([post(one, ...named(20, 'EvOne')), post(two, ...named(20, 'EvTwo'))]);
    // Written down as well: what was on its way at the kill would rightly come twice.
    const delivered = () => states(lwi).filter((state) => state === 'delivered').length;
    await expect.poll(delivered, { timeout: 10_000 }).toBe(40);
    await stop(one, 'SIGKILL');
    await post(two, ...named(20, 'EvThree'));
    await expect.poll(() => new Set(states(lwi)), { timeout: 5000 }).toEqual(new Set(['delivered']));
    expect(target.ids().sort()).toEqual([...named(20, 'EvOne'), ...named(20, 'EvThree'), ...named(20, 'EvTwo')].sort());
  });
});

test('lwi serve --forward-to applies an event and forwards it', async () => {
  const lwi = await openScenario({ records: 5 });
  await lwi.connected(['quickbooks']);
  const target = await openTarget((_one, _outgoing, count) => (count === 1 ? 500 : 200));
  const serve = await startServe(lwi, ['--forward-to', target.url]);
  await serve.line('poll');
  expect(await serve.deliver('quickbooks', 'event=invoice.updated&id=2')).toEqual([200]);
  await serve.line('event', { outcome: 'applied' });
  expect(await serve.line('delivery', { state: 'delivered' })).toMatchObject({ attempt: 2, target: target.url });
  expect(queryStore(lwi.home, 'SELECT state FROM inbox')).toEqual([{ state: 'applied' }]);
  expect(await lwi.json(['webhook', 'list'])).toMatchObject([
    { state: 'delivered', applied: { state: 'applied' }, forwards: [{ target: target.url, state: 'delivered' }] },
  ]);
  const metrics = await (await fetch(`${serve.url}/metrics`)).text();
  expect(metrics).toMatch(/^lwi_webhook_forward_attempts_total\{provider="quickbooks",outcome="retried"\} 1$/m);
});
