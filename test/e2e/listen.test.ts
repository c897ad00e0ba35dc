import { describe, expect, test } from 'vitest';
import { occupyPort } from '../support/free-port.ts';
import { filesBelow, shownIn } from '../support/planted.ts';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { startListen, statusUnder, WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, quickbooksEvent, slackEvent, slackSigned } from '../support/signed-event.ts';
import { queryStore } from '../support/store-file.ts';
import { openTarget } from '../support/target.ts';

const NORTH = '9130000000000001';
const SOUTH = '9130000000000002';

const inbox = (lwi: Scenario) =>
  queryStore<{ account_id: string; key: string; state: string }>(
    lwi.home,
    'SELECT account_id, key, state FROM inbox ORDER BY event',
  );

const forwards = (lwi: Scenario) =>
  queryStore<{ state: string }>(lwi.home, 'SELECT state FROM forwards ORDER BY event, target').map(
    ({ state }) => state,
  );

describe('lwi webhook listen', () => {
  test('a 200 means that the event is on disk; with no connection at all it is kept for the chosen account', async () => {
    const lwi = await openScenario();
    const listen = await startListen(lwi);
    const at = `${listen.url}/webhooks/slack`;
    for (const id of ['Ev1', 'Ev2', 'Ev3']) {
      expect(await postEvent(at, slackEvent(id))).toMatchObject({ status: 200, json: { received: true, eventId: id } });
      expect(inbox(lwi).at(-1)).toEqual({ account_id: 'default', key: id, state: 'kept' });
    }
    expect(await listen.line('event', { eventId: 'Ev3' })).toEqual({
      ...{ type: 'event', provider: 'slack', account: 'default', eventId: 'Ev3', eventType: 'message' },
      ...{ receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), bytes: expect.any(Number) },
    });
    expect(forwards(lwi)).toEqual([]);
  });

  test('a delivery that comes again is answered 200, kept once and forwarded once: by its id, and by its bytes', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    const slack = slackEvent('Ev1');
    const intuit = quickbooksEvent([NORTH]);
    for (const [provider, event] of [['slack', slack] as const, ['quickbooks', intuit] as const]) {
      const first = await postEvent(`${listen.url}/webhooks/${provider}`, event);
      const again = await postEvent(`${listen.url}/webhooks/${provider}`, event, [['X-Slack-Retry-Num', '1']]);
      expect(again).toMatchObject({ status: 200, json: { eventId: first.json['eventId'], duplicate: true } });
      await listen.line('duplicate', { provider, eventId: first.json['eventId'] });
    }
    // The same id in other bytes is the same event; other bytes without an id are another one.
    expect((await postEvent(`${listen.url}/webhooks/slack`, slackEvent('Ev1', { text: 'x' }))).json).toMatchObject({
      duplicate: true,
    });
    const later = await postEvent(
      `${listen.url}/webhooks/quickbooks`,
      quickbooksEvent([NORTH], '2026-01-06T10:00:00Z'),
    );
    expect(later.json).not.toHaveProperty('duplicate');
    await expect.poll(() => forwards(lwi)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(target.ids().sort()).toEqual(
      inbox(lwi)
        .map(({ key }) => key)
        .sort(),
    );
  });

  test('of many that come at the same moment one is new', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const [one, two] = [await startListen(lwi, ['--forward-to', target.url]), await startListen(lwi)];
    const event = slackEvent('EvTogether');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => postEvent(`${(at % 2 ? one : two).url}/webhooks/slack`, event)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
    expect(answers.filter(({ json }) => json['duplicate'] === undefined)).toHaveLength(1);
    expect(inbox(lwi)).toHaveLength(1);
    expect(target.arrived.length).toBeLessThanOrEqual(1);
  });

  test('one delivery about two companies is kept for both their accounts, and forwarded once', async () => {
    const lwi = await openScenario({ records: 1 });
    await lwi.connected(['quickbooks', '-a', 'acme']);
    await lwi.connected(['quickbooks', '-a', 'other'], { company: 1 });
    const target = await openTarget();
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    const event = quickbooksEvent([NORTH, SOUTH, '77']);
    expect((await postEvent(`${listen.url}/webhooks/quickbooks`, event)).status).toBe(200);
    for (const account of ['acme', 'other', '']) await listen.line('event', { account, provider: 'quickbooks' });
    expect(inbox(lwi).map(({ account_id, state }) => [account_id, state])).toEqual([
      ['acme', 'kept'],
      ['other', 'kept'],
      ['', 'kept'],
    ]);
    expect((await postEvent(`${listen.url}/webhooks/quickbooks`, event)).json).toMatchObject({ duplicate: true });
    await expect.poll(() => forwards(lwi)).toEqual(['delivered']);
    // A company that nobody is connected to: kept and forwarded all the same.
    expect((await postEvent(`${listen.url}/webhooks/quickbooks`, quickbooksEvent(['78']))).status).toBe(200);
    await expect.poll(() => target.arrived.length).toBe(2);
    expect(inbox(lwi).at(-1)).toMatchObject({ account_id: '', state: 'kept' });
  });

  test('a path may name the account, and its own secret vouches for that one alone', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    for (const account of ['acme', 'other'])
      await lwi.json(['secret', 'set', 'slack', 'webhook-secret', '-a', account], { stdin: `secret-of-${account}` });
    const listen = await startListen(lwi, ['--forward-to', target.url], {});
    const post = async (path: string, id: string, secret: string) => {
      const { status, json } = await postEvent(`${listen.url}/webhooks/${path}`, slackEvent(id, { secret }));
      return [status, json['reason']];
    };
    expect(await post('slack/acme', 'Ev1', 'secret-of-acme')).toEqual([200, undefined]);
    expect(await post('slack/acme', 'Ev2', 'secret-of-other')).toEqual([401, 'signature-mismatch']);
    expect(await post('slack/nobody', 'Ev3', 'secret-of-acme')).toEqual([401, 'no-secret']);
    expect(await post('slack', 'Ev4', 'secret-of-acme')).toEqual([401, 'no-secret']);
    expect(inbox(lwi)).toEqual([{ account_id: 'acme', key: 'Ev1', state: 'kept' }]);
    // A secret that is set meanwhile counts without a restart.
    await lwi.json(['secret', 'set', 'slack', 'webhook-secret', '-a', 'nobody'], { stdin: 'secret-of-nobody' });
    expect(await post('slack/nobody', 'Ev3', 'secret-of-nobody')).toEqual([200, undefined]);
    await expect.poll(() => target.ids()).toEqual(['Ev1', 'Ev3']);
  });

  test('during a rotation several secrets are valid, in the environment and in the vault', async () => {
    const lwi = await openScenario();
    await lwi.json(['secret', 'set', 'slack', 'webhook-secret'], { stdin: 'vault-new\nvault-old\n' });
    for (const [env, secrets] of [
      [{ LWI_SLACK_WEBHOOK_SECRET: 'new\nold' }, ['new', 'old']],
      [{}, ['vault-new', 'vault-old']],
    ] as const) {
      const listen = await startListen(lwi, [], env);
      const post = (secret: string) =>
        postEvent(`${listen.url}/webhooks/slack`, slackEvent(`Ev-${secret}`, { secret }));
      expect((await Promise.all([...secrets, 'older'].map(post))).map(({ status }) => status)).toEqual([200, 200, 401]);
      listen.child.kill('SIGTERM');
      await listen.ended;
    }
  });

  test('nothing unverified is stored, forwarded or shown, and each refusal says why in JSON', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const listen = await startListen(lwi, ['--forward-to', target.url, '--max-body', '4kb']);
    const good = slackEvent('Ev1', { text: 'planted-text' });
    const post = async (path: string, event: typeof good) => {
      const { status, headers, json } = await postEvent(`${listen.url}${path}`, event);
      expect(headers['content-type']).toBe('application/json');
      return [status, json['error'], json['reason']];
    };
    const changed = { ...good, body: `${good.body} ` };
    const { 'X-Slack-Signature': signature = '', ...unsigned } = good.headers;
    expect(await post('/webhooks/slack', changed)).toEqual([401, 'unverified', 'signature-mismatch']);
    expect(await post('/webhooks/slack', { ...good, headers: unsigned })).toEqual([
      401,
      'unverified',
      'missing-header',
    ]);
    const stale = { ...good, headers: { ...good.headers, 'X-Slack-Request-Timestamp': '1767607200' } };
    expect(await post('/webhooks/slack', stale)).toEqual([401, 'unverified', 'stale-timestamp']);
    const capitals = { ...good, headers: { ...good.headers, 'X-Slack-Signature': signature.toUpperCase() } };
    expect(await post('/webhooks/slack', capitals)).toEqual([401, 'unverified', 'malformed-header']);
    expect(await post('/webhooks/slack', slackSigned(Buffer.alloc(4097)))).toEqual([413, 'too-large', undefined]);
    expect(await post('/webhooks/slakc', good)).toEqual([404, 'unknown-provider', undefined]);
    expect(await post('/webhooks/evil', slackSigned(Buffer.alloc(4097)))).toEqual([404, 'unknown-provider', undefined]);
    expect(await (await fetch(`${listen.url}/metrics`)).text()).not.toContain('evil');
    expect(await post('/webhooks/slack/a/b', good)).toEqual([404, 'not-found', undefined]);
    expect((await fetch(`${listen.url}/webhooks/slack`)).status).toBe(405);
    for (const refused of [
      { provider: 'slack', outcome: 'unverified', reason: 'signature-mismatch' },
      { provider: 'slack', outcome: 'unverified', reason: 'stale-timestamp' },
      { provider: 'slack', outcome: 'too-large' },
      { provider: 'unknown', outcome: 'unknown-provider' },
    ]) {
      expect(await listen.line('refused', refused)).toEqual({ type: 'refused', more: 0, ...refused });
    }
    expect(await post('/webhooks/slack', good)).toEqual([200, undefined, undefined]);
    await expect.poll(() => target.ids()).toEqual(['Ev1']);
    expect(inbox(lwi)).toHaveLength(1);
    listen.child.kill('SIGTERM');
    const { stdout, stderr } = await listen.ended;
    expect(stdout + stderr).not.toMatch(/planted-text|evil/);
  });

  test('Slack gets its challenge back and its certificate check answered; neither is kept or forwarded', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    const at = `${listen.url}/webhooks/slack`;
    const challenge = JSON.stringify({ type: 'url_verification', token: 'x', challenge: '3eZbrw1aB' });
    expect(await postEvent(at, slackSigned(challenge))).toMatchObject({
      status: 200,
      json: { challenge: '3eZbrw1aB' },
    });
    expect((await postEvent(at, slackSigned(challenge, 'wrong'))).status).toBe(401);
    const form = new URLSearchParams({ ssl_check: '1', token: 'x' });
    const checked = await fetch(at, { method: 'POST', body: form });
    expect([checked.status, await checked.json()]).toEqual([200, { ok: true }]);
    await postEvent(at, slackEvent('EvAfter'));
    await expect.poll(() => target.ids()).toEqual(['EvAfter']);
    expect(inbox(lwi)).toHaveLength(1);
  });

  test('every line of --json is one object of a known type, the first of them says where it listens', async () => {
    const lwi = await openScenario();
    const target = await openTarget((_, __, count) => (count === 1 ? 500 : 200));
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    for (const _ of [1, 2]) await postEvent(`${listen.url}/webhooks/slack`, slackEvent('Ev1'));
    await postEvent(`${listen.url}/webhooks/slack`, slackEvent('Ev2', { secret: 'wrong' }));
    const retried = await listen.line('delivery', { state: 'received' });
    const delivered = await listen.line('delivery', { state: 'delivered' });
    const about = { type: 'delivery', provider: 'slack', account: 'default', eventId: 'Ev1', eventType: 'message' };
    expect([retried, delivered]).toEqual([
      {
        ...{ ...about, target: target.url, attempt: 1, state: 'received', status: 500, tookMs: expect.any(Number) },
        ...{ error: 'answered 500', nextAt: expect.stringMatching(/Z$/) },
      },
      { ...about, target: target.url, attempt: 2, state: 'delivered', status: 200, tookMs: expect.any(Number) },
    ]);
    listen.child.kill('SIGINT');
    const { code, stdout, stderr } = await listen.ended;
    const types = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).toBe('ready');
    expect([...types].sort()).toEqual(['delivery', 'delivery', 'duplicate', 'event', 'ready', 'refused']);
    expect(code).toBe(130);
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([expect.stringMatching(/^\{"error":\{/)]);
  });

  test('people read one line for each event: what came, or with a target what became of it there', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    const about = /^\S+Z default\/slack message /;
    for (const [words, verdict] of [
      [[], 'received'],
      [['--forward-to', target.url], 'delivered, 200 in'],
    ] as const) {
      const listen = lwi.start(['webhook', 'listen', '--port', '0', ...words], { env: WEBHOOK_SECRETS });
      const [, url = ''] = await listen.said(/^receiving webhooks at (http:\S+)\/webhooks\/<provider>$/m);
      const event = slackEvent(`Ev-${words.length}`);
      for (const _ of [1, 2]) await postEvent(`${url}/webhooks/slack`, event);
      await postEvent(`${url}/webhooks/slack`, slackEvent('Ev9', { secret: 'wrong' }));
      await listen.said(new RegExp(verdict));
      await listen.said(/does not verify: signature-mismatch$/m);
      listen.child.kill('SIGINT');
      const { code, stdout, stderr } = await listen.ended;
      const lines = stdout.split('\n').filter((line) => about.test(line));
      expect(lines.map((line) => line.replace(about, '')).sort()).toEqual([
        `${`Ev-${words.length}`} came before, nothing to do`,
        expect.stringContaining(`Ev-${words.length} ${verdict}`),
      ]);
      expect({ code, stderr }).toMatchObject({
        code: 130,
        stderr: expect.stringMatching(/^health at http:\S+\/healthz, metrics at \/metrics/m),
      });
    }
  });

  test('with several targets a line says which of them it is about; everything fits into 80 columns', async () => {
    const lwi = await openScenario();
    const [good, bad] = [await openTarget(), await openTarget(() => 410)];
    const words = ['webhook', 'listen', '--port', '0', '--forward-to', good.url, '--forward-to', bad.url];
    const listen = lwi.start(words, { env: WEBHOOK_SECRETS });
    const [, url = ''] = await listen.said(/^receiving webhooks at (http:\S+)\/webhooks\/<provider>$/m);
    await postEvent(`${url}/webhooks/slack`, slackEvent('Ev1'));
    const [delivered] = await listen.said(/^.* delivered, 200 in .*$/m);
    const [failed] = await listen.said(/^.* failed, answered 410 .*$/m);
    expect([delivered, failed]).toEqual([
      expect.stringContaining(`(${good.url})`),
      expect.stringContaining(`(${bad.url})`),
    ]);
    listen.child.kill('SIGTERM');
    const { stdout, stderr } = await listen.ended;
    const lines = `${stdout}${stderr}`.replaceAll(/ \(http\S+\)$/gm, '').split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('health says what waits and failed; metrics are what Prometheus reads; both are for this machine only', async () => {
    const lwi = await openScenario();
    const target = await openTarget((one) => (one.header('x-lwi-event-id') === 'Ev2' ? 410 : 200));
    const listen = await startListen(lwi, ['--forward-to', target.url]);
    for (const id of ['Ev1', 'Ev2', 'Ev2']) await postEvent(`${listen.url}/webhooks/slack`, slackEvent(id));
    await postEvent(`${listen.url}/webhooks/slack`, slackEvent('Ev3', { secret: 'wrong' }));
    await listen.line('delivery', { state: 'failed' });
    const health = await fetch(`${listen.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', reasons: [], startedAt: expect.any(String), events: { waiting: 0, failed: 1 } },
    ]);
    await expect.poll(() => forwards(lwi)).toEqual(['delivered', 'failed']);
    const answer = await fetch(`${listen.url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const series = parseMetrics(await answer.text());
    expect(Object.fromEntries(series)).toEqual({
      'lwi_webhook_deliveries_total{provider="slack",outcome="accepted"}': 2,
      'lwi_webhook_deliveries_total{provider="slack",outcome="duplicate"}': 1,
      'lwi_webhook_deliveries_total{provider="slack",outcome="unverified"}': 1,
      'lwi_webhook_forward_attempts_total{provider="slack",outcome="delivered"}': 1,
      'lwi_webhook_forward_attempts_total{provider="slack",outcome="failed"}': 1,
      [`lwi_webhook_forwards{provider="slack",account="default",target="${target.url}",state="waiting"}`]: 0,
      [`lwi_webhook_forwards{provider="slack",account="default",target="${target.url}",state="failed"}`]: 1,
      'lwi_inbox_events{provider="slack",account="default",state="waiting"}': 0,
      'lwi_inbox_events{provider="slack",account="default",state="failed"}': 1,
    });
    for (const path of ['/healthz', '/metrics']) {
      expect(await statusUnder('rebound.example', listen.url + path)).toBe(403);
      expect(await statusUnder('localhost:1', listen.url + path)).toBe(200);
    }
  });

  test('loopback by name is for this machine only as well', async () => {
    const lwi = await openScenario();
    const listen = await startListen(lwi, ['--host', '127.0.0.1']);
    expect(await statusUnder('rebound.example', `${listen.url}/metrics`)).toBe(403);
    expect(await statusUnder('127.0.0.1', `${listen.url}/metrics`)).toBe(200);
  });

  test('another address is listened on when asked for, with a warning', async () => {
    const lwi = await openScenario();
    const listen = lwi.start(['webhook', 'listen', '--port', '0', '--host', '0.0.0.0'], { env: WEBHOOK_SECRETS });
    const [, port = ''] = await listen.said(/receiving webhooks at http:\/\/0\.0\.0\.0:(\d+)/);
    await listen.said(/^warning: http:\/\/0\.0\.0\.0:\d+ can be reached from other machines/m);
    expect((await postEvent(`http://127.0.0.1:${port}/webhooks/slack`, slackEvent('Ev1'))).status).toBe(200);
    // Whoever opened it to others wants it to be looked at from there.
    expect(await statusUnder('monitor.example', `http://127.0.0.1:${port}/healthz`)).toBe(200);
    listen.child.kill('SIGTERM');
    expect((await listen.ended).code).toBe(143);
  });

  test.each([
    ['a port that is none', ['--port', '65536']],
    ['a size that is none', ['--max-body', '1tb']],
    ['a size of nothing', ['--max-body', '0']],
    ['a target that is no address', ['--forward-to', 'localhost:3000']],
    ['a target with a password', ['--forward-to', 'http://me:planted-password@127.0.0.1/']],
    ['a timeout that is none', ['--timeout', 'soon']],
    ['a timeout of nothing', ['--timeout', '0s']],
    ['a timeout that no timer could keep', ['--timeout', '30d']],
    ['no concurrency', ['--concurrency', '0']],
    ['more than a target can bear', ['--concurrency', '100000']],
    ['a span that is none', ['--retry-for', '-1d']],
    ['an address that is not of this machine', ['--host', '203.0.113.7']],
    ['an argument', ['slack']],
  ])('%s is code 2', async (_, words) => {
    const lwi = await openScenario();
    const ran = await lwi.run(['webhook', 'listen', '--json', '--port', '0', ...words], { env: WEBHOOK_SECRETS });
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
    expect(ran.stderr).not.toContain('planted-password');
  });

  test('a port in use is code 2', async () => {
    const lwi = await openScenario();
    const { port, server } = await occupyPort();
    const failure = failureOf(await lwi.run(['webhook', 'listen', '--json', '--port', String(port)]));
    server.close();
    expect(failure).toMatchObject({ exit: 2, stdout: '', error: { code: 'PORT_IN_USE' } });
  });

  test('neither webhook secrets nor credentials of the sender are in any output, page or file', async () => {
    const lwi = await openScenario();
    const target = await openTarget();
    await lwi.json(['secret', 'set', 'quickbooks', 'webhook-secret'], { stdin: 'planted-vault-secret' });
    const words = ['-vv', '--forward-to', target.url];
    const env = { LWI_SLACK_WEBHOOK_SECRET: 'planted-environment-secret' };
    const listen = await startListen(lwi, words, env);
    const secret = env.LWI_SLACK_WEBHOOK_SECRET;
    const credentials = [
      ['Authorization', 'Bearer planted-bearer'],
      ['Cookie', 'session=planted-cookie'],
      ['Proxy-Authorization', 'Basic planted-proxy'],
    ] as const;
    const at = `${listen.url}/webhooks/slack`;
    expect((await postEvent(at, slackEvent('Ev1', { secret }), credentials)).status).toBe(200);
    expect((await postEvent(at, slackEvent('Ev2', { secret: 'wrong' }), credentials)).status).toBe(401);
    await listen.line('delivery', { state: 'delivered' });
    const pages = await Promise.all(
      ['/healthz', '/metrics'].map(async (page) => (await fetch(listen.url + page)).text()),
    );
    listen.child.kill('SIGTERM');
    const { stdout, stderr } = await listen.ended;
    const shows = await Promise.all(
      [[], ['--json'], ['--raw'], ['--fixture']].map((how) =>
        lwi.run(['webhook', 'show', 'Ev1', '-vv', ...how], { env }),
      ),
    );
    const output = [stdout, stderr, ...pages, ...shows.flatMap((ran) => [ran.stdout, ran.stderr])].join('\n');
    const planted = {
      ...{ environment: secret, vault: 'planted-vault-secret', bearer: 'planted-bearer', cookie: 'planted-cookie' },
      ...{ proxy: 'planted-proxy', key: lwi.key },
    };
    expect(shownIn(Buffer.from(output), planted)).toEqual([]);
    expect(stderr).toMatch(/^\S+Z http webhook POST http:\/\/127\.0\.0\.1:\d+\/hooks 200 \d+ ms$/m);
    expect(filesBelow(lwi.home).flatMap(({ content }) => shownIn(content, planted))).toEqual([]);
    expect(target.arrived[0]?.headers.flat().filter((text) => text.includes('planted'))).toEqual([]);
  });
});

/** Series of Prometheus' text format 0.0.4, strictly: each after its HELP and TYPE, none twice. */
function parseMetrics(text: string): Map<string, number> {
  const series = new Map<string, number>();
  const helped = new Set<string>();
  const typed = new Set<string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (?:.+)$/.exec(line) ?? [];
    if (kind) {
      const seen = kind === 'HELP' ? helped : typed;
      expect({ line, again: seen.has(name) }).toEqual({ line, again: false });
      if (kind === 'TYPE') expect(line).toMatch(/ (counter|gauge)$/);
      seen.add(name);
      continue;
    }
    const value =
      /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (-?[\d.]+(?:e[+-]?\d+)?)$/.exec(line);
    expect({ line, parsed: value !== null }).toEqual({ line, parsed: true });
    const [, metric = '', labels = '', number = ''] = value ?? [];
    expect({ line, typed: typed.has(metric) && helped.has(metric) }).toEqual({ line, typed: true });
    expect({ line, twice: series.has(metric + labels) }).toEqual({ line, twice: false });
    series.set(metric + labels, Number(number));
  }
  return series;
}
