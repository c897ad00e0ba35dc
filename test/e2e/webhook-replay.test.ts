import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { NewEvent } from '../../src/store/inbox.ts';
import type { Store } from '../../src/store/store.ts';
import { freePort } from '../support/free-port.ts';
import { oddServer, type Received } from '../support/odd-server.ts';
import { inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { WEBHOOK_SECRETS } from '../support/serving.ts';
import { openStoreOf } from '../support/store-place.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/webhooks', import.meta.url));
const MESSAGE = join(FIXTURES, 'slack-message.json');
const env = WEBHOOK_SECRETS;

interface Report {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly unsent: number;
  readonly answers: Record<string, number>;
  readonly durationMs: number;
  readonly latencyMs?: Record<string, number>;
  readonly results: readonly {
    readonly input?: string;
    readonly eventId?: string;
    readonly provider?: string;
    readonly status?: number;
    readonly error?: string;
    readonly latencyMs?: number;
  }[];
}

async function replay(lwi: Scenario, words: readonly string[], options: Parameters<Scenario['run']>[1] = {}) {
  const ran = await lwi.run(['webhook', 'replay', ...words, '--json'], { env, ...options });
  return { code: ran.code, stderr: ran.stderr, report: JSON.parse(ran.stdout || '{}') as Report };
}

/** Works on the store of a scenario as another process would. */
async function withStore<T>(lwi: Scenario, work: (store: Store) => Promise<T>): Promise<T> {
  mkdirSync(lwi.home, { recursive: true, mode: 0o700 });
  const store = await openStoreOf(lwi.home);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const event = (key: string, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ account: 'default', provider: 'slack', key, type: 'message', method: 'POST', path: '/webhooks/slack' },
  headers: [
    ['X-Slack-Signature', 'v0=old'],
    ['X-Slack-Request-Timestamp', '1'],
    ['Content-Type', 'application/json'],
  ],
  ...{ body: Buffer.from(`{"event_id":"${key}"}`), receivedAt: Date.UTC(2026, 0, 5, 10), kept: true },
  ...more,
});

const bodies = (received: readonly Received[]) => received.map(({ body }) => body);

describe('webhook replay of captures', () => {
  test('sends a directory as it was captured, and reports each', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const { code, report } = await replay(lwi, [FIXTURES, '--to', `${target.url}/hook`]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ sent: 6, ok: 6, failed: 0, answers: { '2xx': 6 } });
    expect(Object.keys(report.latencyMs ?? {})).toEqual(['p50', 'p90', 'p99', 'max']);
    for (const [at, { input = '', provider, status, latencyMs }] of report.results.entries()) {
      const fixture = JSON.parse(readFileSync(input, 'utf8')) as { body: string; headers: object };
      expect(target.received[at]).toMatchObject({ path: '/hook', body: fixture.body, headers: fixture.headers });
      expect(target.received[at]?.headers).not.toHaveProperty('x-lwi-event-id');
      expect({ provider, status }).toEqual({ provider: expect.any(String), status: 200 });
      expect(latencyMs).toBeGreaterThanOrEqual(0);
    }
  });

  test('a raw capture keeps its bytes, its path, its spelling and its repeats', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const file = lwi.write(
      'raw.http',
      'POST /in/%7e?x=1 HTTP/1.1\r\nHost: old.example\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 4\r\n\r\n{}\r\n',
    );
    expect((await replay(lwi, [file, '--to', target.url])).code).toBe(0);
    expect(target.received).toMatchObject([{ method: 'POST', path: '/in/%7e', body: '{}\r\n' }]);
    expect(target.received[0]?.headers).toMatchObject({ 'x-a': '1, 2', host: new URL(target.url).host });
  });

  test('--re-sign makes an old delivery verify now', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    await replay(lwi, [FIXTURES, '--to', target.url, '--re-sign']);
    expect(target.received.length).toBe(6);
    for (const { path, headers, body } of target.received) {
      const capture = { provider: path.split('/').at(-1), method: 'POST', path, headers, body };
      const ran = await lwi.run(['webhook', 'verify', '-'], { env, stdin: JSON.stringify(capture) });
      expect(ran).toMatchObject({ code: 0 });
    }
  });

  test('--scheme and --provider say what to sign with where the capture does not', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const file = lwi.write('raw.http', 'POST /x HTTP/1.1\nX-Hub-Signature-256: sha256=old\n\n{}');
    const to = ['--to', target.url, '--re-sign'];
    expect((await replay(lwi, [file, ...to, '--scheme', 'github'], { env: { LWI_WEBHOOK_SECRET: 'word' } })).code).toBe(
      0,
    );
    expect(target.received[0]?.headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect((await replay(lwi, [file, ...to, '--provider', 'quickbooks'])).code).toBe(0);
    expect(target.received[1]?.headers['intuit-signature']).toMatch(/=$/);
    expect(await replay(lwi, [file, ...to])).toMatchObject({ code: 2, stderr: expect.stringContaining('--provider') });
  });

  test('stdin is an input', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const stdin = readFileSync(MESSAGE);
    expect(await replay(lwi, ['-', '--to', target.url], { stdin })).toMatchObject({ code: 0, report: { sent: 1 } });
    const twice = await lwi.run(['webhook', 'replay', '-', '--to', target.url, '--repeat', '2'], { env, stdin });
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining('once only') });
    expect(target.received.length).toBe(1);
  });

  test('JSON lines are as many captures, each named by its line', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const lines = ['a', 'b', 'c'].map((body) => JSON.stringify({ provider: 'slack', body, path: `/${body}` }));
    const file = lwi.write('captured.jsonl', `${lines.join('\n')}\n`);
    const { code, report } = await replay(lwi, [file, '--to', target.url, '--repeat', '2', '--concurrency', '3']);
    expect({ code, sent: report.sent }).toEqual({ code: 0, sent: 6 });
    expect(target.received.map(({ path, body }) => path === `/${body}`)).toEqual(Array(6).fill(true));
    expect(report.results.map(({ input }) => input)).toContain(`${file}:3`);
  });

  test('a scheme of one’s own signs as JSON', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const scheme = '{"header":"x-acme-signature","prefix":"sha256="}';
    const words = [MESSAGE, '--to', target.url, '--re-sign', '--scheme', scheme];
    expect((await replay(lwi, words, { env: { LWI_WEBHOOK_SECRET: 'word' } })).code).toBe(0);
    expect(target.received[0]?.headers['x-acme-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
  });

  test('--order goes by the time at which they came', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const at = (name: string, receivedAt?: string) => lwi.write(name, { body: name, receivedAt });
    const files = [
      at('b', '2026-01-05T10:00:02Z'),
      at('none'),
      at('a', '2026-01-05T10:00:01Z'),
      at('c', '2026-01-05T10:00:03Z'),
    ];
    for (const order of [[], ['--order', 'received'], ['--order', 'newest'], ['--order', 'given']])
      await replay(lwi, [...files, '--to', target.url, ...order]);
    expect(bodies(target.received).join(' ')).toBe('b none a c a b c none c b a none b none a c');
  });

  test('--repeat sends the whole list again, --rate spreads it evenly', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const files = [lwi.write('a', { body: 'a' }), lwi.write('b', { body: 'b' })];
    const { report } = await replay(lwi, [...files, '--to', target.url, '--repeat', '5', '--rate', '20/s']);
    expect(bodies(target.received).join('')).toBe('ababababab');
    // Nine times 50 ms lie between the first and the last.
    expect(report.durationMs).toBeGreaterThanOrEqual(440);
  });

  test('--concurrency sends several at once', async () => {
    const lwi = inThisProcess(await openScenario());
    let open = 0;
    let most = 0;
    const target = await oddServer(() => {
      open += 1;
      most = Math.max(most, open);
      systemClock.sleep(80).then(() => {
        open -= 1;
      });
      return { afterMs: 80 };
    });
    const { report } = await replay(lwi, [MESSAGE, '--to', target.url, '--repeat', '12', '--concurrency', '4']);
    expect(report).toMatchObject({ sent: 12, ok: 12 });
    expect(most).toBe(4);
  });

  test.each([
    ['all are taken', [200, 204], 0],
    ['a redirect is not followed, and is no success', [200, 302], 4],
    ['a refusal', [200, 404], 4],
    ['a refusal and a failure', [404, 500], 5],
    ['too many requests', [200, 429], 5],
  ])('%s: %j is code %i', async (_name, statuses, code) => {
    const lwi = inThisProcess(await openScenario());
    let at = -1;
    const target = await oddServer(() => {
      at += 1;
      return { status: statuses[at] ?? 200, headers: { location: '/elsewhere' } };
    });
    const ran = await replay(lwi, [MESSAGE, '--to', target.url, '--repeat', '2']);
    expect(ran.code).toBe(code);
    expect(ran.report.results.map(({ status }) => status)).toEqual(statuses);
    expect(target.received.length).toBe(2);
  });

  test('no answer is code 5 and says why', async () => {
    const lwi = inThisProcess(await openScenario());
    const words = [MESSAGE, '--to', `http://127.0.0.1:${await freePort()}/`];
    const nobody = await replay(lwi, words);
    expect(nobody).toMatchObject({ code: 5, report: { sent: 1, ok: 0, results: [{ error: 'connection refused' }] } });
    const hanging = await oddServer(() => 'hang');
    const late = await replay(lwi, [MESSAGE, '--to', hanging.url, '--timeout', '150ms']);
    expect(late).toMatchObject({ code: 5, report: { results: [{ error: 'timeout after 150ms' }] } });
    const people = await lwi.run(['webhook', 'replay', ...words], { env });
    expect(people.stdout).toMatch(/connection refused[\s\S]*\nsent 1 in \S+.*: 1 without an answer\n$/);
  });

  test('an input that makes no sense does not stop the others, and is code 2', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const bad = lwi.write('notes.txt', 'hello');
    const ran = await replay(lwi, [bad, MESSAGE, '--to', target.url]);
    expect(ran).toMatchObject({ code: 2, report: { sent: 1, ok: 1, failed: 1, unsent: 1 } });
    expect(ran.report.results[0]).toMatchObject({
      input: bad,
      error: expect.stringContaining('not a webhook fixture'),
    });
    const alone = await lwi.run(['webhook', 'replay', bad, '--to', target.url], { env });
    expect(alone).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('not a webhook fixture') });
  });

  test('-v shows each exchange', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({ status: 404 }));
    const { stderr } = await replay(lwi, [MESSAGE, '-v', '--repeat', '2', '--to', `${target.url}/hook?key=word`]);
    expect(stderr.match(/^\S+Z http webhook POST \S+\/hook 404 \d+ ms$/gm)).toHaveLength(2);
  });

  test('what HTTP cannot carry is not sent, and counts so', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const files = [
      lwi.write('header.json', { headers: { 'x-a': 'one\r\nx-b: two' }, body: '{}' }),
      lwi.write('letter.json', { headers: { 'x-a': '\u4f60' }, body: '{}' }),
    ];
    const { code, report } = await replay(lwi, [...files, MESSAGE, '--to', target.url]);
    expect({ code, report }).toMatchObject({ code: 2, report: { sent: 1, ok: 1, unsent: 2, answers: { none: 0 } } });
    expect(report.results[1]).toMatchObject({ error: expect.stringMatching(/^not sent: /) });
    expect(report.results[1]).not.toHaveProperty('latencyMs');
    expect(await replay(lwi, [files[1] ?? '', '--to', target.url])).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('not sent: ') },
    });
    expect(target.received.length).toBe(1);
  });

  test('another machine is not written to without a yes', async () => {
    const lwi = inThisProcess(await openScenario());
    for (const to of ['https://api.example.com/hook', 'http://10.0.0.1/', 'http://localhost.example.com/']) {
      const ran = await lwi.run(['webhook', 'replay', FIXTURES, '--to', to], { env });
      expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/6 requests to .*\n.*--yes/) });
    }
    const sent = await replay(lwi, [MESSAGE, '--to', 'http://nowhere.invalid/', '--yes']);
    expect(sent).toMatchObject({ code: 5, report: { results: [{ error: expect.stringMatching(/^DNS: /) }] } });
  });

  test.each([
    ['no target', [MESSAGE], '--to'],
    ['nothing to send', ['--to', 'http://127.0.0.1:1/'], '--failed'],
    ['files and --failed', [MESSAGE, '--failed', '--to', 'http://127.0.0.1:1/'], '--failed'],
    ['a file that is not there', ['nosuch.json', '--to', 'http://127.0.0.1:1/'], 'is no file'],
    ['an address that is none', [MESSAGE, '--to', 'nowhere'], 'http or https'],
    ['a rate that is none', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--rate', '5'], '5/s'],
    ['a count that is none', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--repeat', '0'], 'from 1'],
    ['too many at once', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--concurrency', '1000'], 'from 1 to 256'],
    ['an order that is none', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--order', 'random'], 'received, given'],
    ['--scheme alone', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--scheme', 'github'], '--re-sign'],
    ['--since with files', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--since', '1d'], '--failed'],
    ['a provider that is none', [MESSAGE, '--to', 'http://127.0.0.1:1/', '--provider', 'slak'], 'slack'],
  ])('%s is code 2', async (_name, words, said) => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.run(['webhook', 'replay', ...words], { env })).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringContaining(said),
    });
  });

  test('without a secret --re-sign is code 2, naming the variable', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['webhook', 'replay', MESSAGE, '--re-sign', '--to', 'http://127.0.0.1:1/']);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('LWI_SLACK_WEBHOOK_SECRET') });
  });

  test('Ctrl-C stops with what went so far, and code 130', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    const words = ['webhook', 'replay', MESSAGE, '--to', target.url, '--repeat', '1000', '--rate', '20/s', '--json'];
    const running = lwi.start(words, { env });
    await expect.poll(() => target.received.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    const report = JSON.parse(stdout) as Report;
    expect(report.sent).toBe(target.received.length);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'INTERRUPTED' } });
  });

  test('Ctrl-C while the target hangs says that no answer came', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => 'hang');
    const running = lwi.start(['webhook', 'replay', MESSAGE, '--to', target.url, '--json'], { env });
    await expect.poll(() => target.received.length, { timeout: 10_000 }).toBe(1);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ sent: 1, results: [{ error: 'stopped before an answer came' }] });
  });
});

describe('webhook replay of the inbox', () => {
  const TARGET = 'http://127.0.0.1:9/dead';

  /** An event whose forwarding failed, one that waits, and one that is only kept. */
  async function filled(): Promise<Scenario> {
    const lwi = inThisProcess(await openScenario());
    await withStore(lwi, async (store) => {
      await store.acceptEvents([
        event('Ev-failed-1', { forwardTo: [TARGET] }),
        event('Ev-failed-2', { forwardTo: [TARGET] }),
      ]);
      const hold = await store.holdTarget(TARGET);
      const taken = await store.takeForwards(TARGET, systemClock.now(), 10);
      await store.finishForwards(
        taken.map(({ event: number }) => ({
          ...{ event: number, target: TARGET, startedAt: 1, tookMs: 1, error: 'connection refused' },
          state: 'failed' as const,
        })),
      );
      await hold?.release();
      await store.acceptEvents([event('Ev-waits-1', { forwardTo: [TARGET] }), event('Ev-kept-1')]);
    });
    return lwi;
  }

  test('an event by its id or the beginning of it, byte for byte, with the attempt noted', async () => {
    const lwi = await filled();
    const target = await oddServer(() => ({ status: 503 }));
    const whole = await replay(lwi, ['Ev-kept-1', '--to', target.url]);
    expect(whole).toMatchObject({
      code: 5,
      report: { results: [{ eventId: 'Ev-kept-1', provider: 'slack', status: 503 }] },
    });
    await replay(lwi, ['Ev-kep', '--to', `${target.url}/hook`, '--re-sign']);
    const [first, second] = target.received;
    expect(first).toMatchObject({ path: '/webhooks/slack', body: '{"event_id":"Ev-kept-1"}' });
    expect(first?.headers).toMatchObject({
      ...{ 'x-slack-signature': 'v0=old', 'x-slack-request-timestamp': '1', 'x-lwi-event-id': 'Ev-kept-1' },
    });
    expect(first?.headers).not.toHaveProperty('x-lwi-attempt');
    expect(second?.headers['x-lwi-event-id']).toBe('Ev-kept-1');
    expect(second?.headers['x-slack-signature']).toMatch(/^v0=[0-9a-f]{64}$/);
    await withStore(lwi, async (store) => {
      const [listed] = await store.events({ key: 'Ev-kept-1', order: 'newest', limit: 1 });
      expect(await store.eventAttempts(listed?.event ?? 0)).toMatchObject([
        { target: `${target.url}/webhooks/slack`, status: 503, error: 'HTTP 503' },
        { target: `${target.url}/hook`, status: 503 },
      ]);
    });
  });

  test.each([
    ['too short', 'Ev-k', 'no event of that id'],
    ['of several', 'Ev-failed', '2 events fit'],
    ['of none', 'Ev-nothing', 'no event of that id'],
    ['too long for a file', 'x'.repeat(5000), 'no event of that id'],
  ])('an id that is %s is code 2, and nothing is sent', async (_name, id, said) => {
    const lwi = await filled();
    const target = await oddServer(() => ({}));
    const ran = await lwi.run(['webhook', 'replay', MESSAGE, id, '--to', target.url], { env });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
    expect(target.received).toEqual([]);
  });

  test('an id is found among many that begin with it, and an unknown provider is told', async () => {
    const lwi = inThisProcess(await openScenario());
    const keys = ['Ev-all', ...Array.from({ length: 120 }, (_, at) => `Ev-all-${at}`)];
    await withStore(lwi, (store) => store.acceptEvents(keys.map((key) => event(key))));
    const target = await oddServer(() => ({}));
    expect(await replay(lwi, ['Ev-all', '--to', target.url])).toMatchObject({
      ...{ code: 0, report: { results: [{ eventId: 'Ev-all' }] } },
    });
    const several = await replay(lwi, ['Ev-all-', '--to', target.url]);
    expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('100 or more events fit') });
    const unknown = await lwi.run(['webhook', 'show', 'Ev-all', '--provider', 'slakc'], { env });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('(PROVIDER_UNKNOWN)') });
  });

  test('--failed sends those that failed, oldest first, and what is taken is delivered', async () => {
    const lwi = await filled();
    const target = await oddServer(({ body }) => ({ status: body.includes('failed-2') ? 500 : 200 }));
    const ran = await replay(lwi, ['--failed', '--to', target.url]);
    expect(ran).toMatchObject({ code: 5, report: { sent: 2, ok: 1 } });
    expect(ran.report.results.map(({ eventId }) => eventId)).toEqual(['Ev-failed-1', 'Ev-failed-2']);
    const again = await replay(lwi, ['--failed', '--to', target.url]);
    expect(again.report.results.map(({ eventId }) => eventId)).toEqual(['Ev-failed-2']);
    await withStore(lwi, async (store) => {
      const listed = await store.events({ order: 'oldest', limit: 10 });
      expect(listed.map(({ key, standing }) => `${key} ${standing}`)).toEqual([
        ...['Ev-failed-1 delivered', 'Ev-failed-2 failed', 'Ev-waits-1 received', 'Ev-kept-1 received'],
      ]);
    });
  });

  test('--repeat lists what is left only when the round before has ended', async () => {
    const lwi = await filled();
    const target = await oddServer(() => ({ afterMs: 150 }));
    const ran = await replay(lwi, ['--failed', '--repeat', '3', '--concurrency', '8', '--to', target.url]);
    expect(ran).toMatchObject({ code: 0, report: { sent: 2, ok: 2 } });
    expect(target.received.length).toBe(2);
  });

  test('--waiting sends those that wait, and they are not forwarded again', async () => {
    const lwi = await filled();
    const target = await oddServer(() => ({}));
    const ran = await replay(lwi, ['--waiting', '--to', target.url]);
    expect(ran.report.results.map(({ eventId }) => eventId)).toEqual(['Ev-waits-1']);
    await withStore(lwi, async (store) => {
      expect(await store.nextForwardAt(TARGET)).toBeUndefined();
    });
    expect(await replay(lwi, ['--waiting', '--to', target.url])).toMatchObject({ code: 0, report: { sent: 0 } });
  });

  test('more than fit on a page all go once, in their order, although they change their state meanwhile', async () => {
    const lwi = inThisProcess(await openScenario());
    const keys = Array.from({ length: 450 }, (_, at) => `Ev-many-${String(at).padStart(3, '0')}`);
    await withStore(lwi, (store) => store.acceptEvents(keys.map((key) => event(key, { forwardTo: [TARGET] }))));
    const target = await oddServer(() => ({}));
    const { report } = await replay(lwi, ['--waiting', '--order', 'newest', '--to', target.url]);
    expect(report.results.map(({ eventId }) => eventId)).toEqual(keys.toReversed());
    expect((await replay(lwi, ['--waiting', '--to', target.url])).report.sent).toBe(0);
    expect(target.received.length).toBe(450);
  });

  test('account, provider and time narrow it', async () => {
    const lwi = await filled();
    const target = await oddServer(() => ({}));
    for (const words of [
      ['-a', 'other'],
      ['--provider', 'quickbooks'],
      ['--since', '2026-06-01'],
    ]) {
      const ran = await replay(lwi, ['--failed', ...words, '--to', target.url]);
      expect(ran).toMatchObject({ code: 0, report: { sent: 0 } });
    }
    expect(await replay(lwi, ['--failed', '--since', '2026-01-01', '-a', 'default', '--to', target.url])).toMatchObject(
      {
        report: { sent: 2 },
      },
    );
  });

  test('of several accounts it wants to be told whose go, before anything does', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({}));
    await withStore(lwi, async (store) => {
      const accounts = ['north', 'south', ''];
      await store.acceptEvents(
        accounts.map((account) => ({ ...event('Ev-one', { kept: false, failed: 'lost' }), account })),
      );
    });
    const words = ['--failed', '--to', target.url];
    const refused = await lwi.run(['webhook', 'replay', ...words]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/north, south would be sent.*--all-accounts/s),
    });
    expect(target.received).toHaveLength(0);
    expect(await replay(lwi, ['-a', 'north', ...words])).toMatchObject({ code: 0, report: { sent: 1 } });
    expect(await replay(lwi, ['--all-accounts', ...words])).toMatchObject({ code: 0, report: { sent: 2 } });
    expect((await lwi.run(['webhook', 'replay', '-a', 'north', '--all-accounts', ...words])).code).toBe(2);
  });

  test('a mistyped name makes no database', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['webhook', 'replay', 'mistyped.json', '--to', 'http://127.0.0.1:1/']);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('is no file') });
    expect(existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  });

  test('without any inbox there is nothing to send', async () => {
    const lwi = inThisProcess(await openScenario());
    const ran = await lwi.run(['webhook', 'replay', '--failed', '--to', 'http://127.0.0.1:1/']);
    expect(ran).toMatchObject({ code: 0, stdout: '', stderr: 'There was nothing to send.\n' });
  });
});
