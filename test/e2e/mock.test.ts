import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { parseFault } from '../../src/mock/fault.ts';
import { occupyPort } from '../support/free-port.ts';
import { openScenario } from '../support/scenario.ts';

test('lwi mock says where it is in one JSON line, serves the others, and Ctrl-C ends it with code 130', async () => {
  const lwi = await openScenario();
  const mock = lwi.start(['mock', 'mycarrierpackets', '--port', '0', '--token-lifetime', '60s', '--json']);
  const [, url = ''] = await mock.said(/^\{"type":"ready","url":"([^"]+)"\}\n/);
  const connected = await lwi.json(['connect', 'mycarrierpackets'], { env: { LWI_MOCK_URL: url } });
  const expiresAt = Date.parse((connected as { expiresAt: string }).expiresAt);
  expect(expiresAt - systemClock.now()).toBeLessThanOrEqual(60_000);
  expect((await fetch(`${url}/quickbooks/v3/company/1/query`)).status).toBe(404);
  mock.child.kill('SIGINT');
  expect(await mock.ended).toMatchObject({ code: 130 });
  const { server } = await occupyPort(Number(new URL(url).port));
  server.close();
});

test('lwi mock refuses for its limits, in windows as short as is asked, or not at all', async () => {
  const lwi = await openScenario();
  const eleven = async (words: readonly string[]) => {
    const mock = lwi.start(['mock', 'quickbooks', '--port', '0', '--fault', 'headers=ietf', '--json', ...words]);
    const [, url = ''] = await mock.said(/"url":"([^"]+)"/);
    const env = { LWI_MOCK_URL: url, LWI_HOME: `${lwi.home}-${words[0] ?? 'plain'}` };
    await lwi.connected(['quickbooks'], { env });
    const { stdout: token } = await lwi.run(['token', 'get', 'quickbooks'], { env });
    const headers = { authorization: `Bearer ${token.trim()}` };
    const answers = await Promise.all(
      Array.from({ length: 11 }, () =>
        fetch(`${url}/quickbooks/v3/company/9130000000000001/companyinfo/1`, { headers }),
      ),
    );
    mock.child.kill('SIGINT');
    await mock.ended;
    return {
      refused: answers.filter(({ status }) => status === 429).length,
      policy: answers[0]?.headers.get('ratelimit-policy'),
    };
  };
  // One of the ten was the question of `connect`, which company this is.
  const scaled = await eleven(['--limit-scale', '0.01']);
  expect(scaled).toEqual({ refused: 2, policy: '"500-in-6000000ms";q=500;w=6000, "10-in-100000ms";q=10;w=100' });
  expect(await eleven(['--no-limits'])).toEqual({ refused: 0, policy: null });
});

test('lwi mock can be hours ahead or behind, and somebody can write in it', async () => {
  const lwi = await openScenario();
  for (const [offset, hours] of [
    ['-5h', -5],
    ['3h', 3],
    ['+90m', 1.5],
  ] as const) {
    const mock = lwi.start(['mock', '--port', '0', '--clock-offset', offset, '--writer', '6:2', '--json']);
    const [, url = ''] = await mock.said(/"url":"([^"]+)"/);
    const env = { LWI_MOCK_URL: url, LWI_HOME: `${lwi.home}${offset}` };
    await lwi.connected(['quickbooks'], { env });
    await lwi.json(['sync', 'quickbooks', '--entity', 'invoices'], { env });
    const live = await fetch(`${url}/_mock/quickbooks/invoices/live`);
    const ahead = Date.parse(live.headers.get('date') ?? '') - systemClock.now();
    expect(Math.abs(ahead - hours * 3_600_000)).toBeLessThan(10_000);
    const { rows } = (await live.json()) as { rows: { version: number; changedAt: string }[] };
    const times = rows.filter(({ version }) => version > 0).map(({ changedAt }) => Date.parse(changedAt) - ahead);
    expect(times.length).toBeGreaterThan(0);
    expect(Math.min(...times)).toBeGreaterThan(systemClock.now() - 60_000);
    mock.child.kill('SIGINT');
    await mock.ended;
  }
  for (const words of [
    ['--clock-offset', '5'],
    ['--clock-offset', '--5h'],
    ['--writer', '-1'],
    ['--writer', 'x'],
  ]) {
    expect(await lwi.run(['mock', '--port', '0', ...words])).toMatchObject({ code: 2, stdout: '' });
  }
});

test('lwi mock --help shows the grammar of faults, and every example in it can be read', async () => {
  const lwi = await openScenario();
  const { code, stdout } = await lwi.run(['mock', '--help']);
  const examples = [...stdout.matchAll(/^ {2}(?:what)? +([a-z0-9]+(?:[;=][^ ,]+)?(?:, [^ ]+)?) {2,}[a-z]/gm)];
  const words = examples.flatMap(([, each = '']) => each.split(', '));
  const kinds = words.map((word) => parseFault(word).fault.kind);
  expect([code, new Set(kinds)]).toEqual([
    0,
    new Set([
      ...['status', 'latency', 'slow', 'hang', 'cut', 'lost', 'truncate', 'html', 'type', 'skew', 'drift', 'headers'],
    ]),
  ]);
});

test.each([
  ['a scale of nothing', ['--limit-scale', '0']],
  ['a scale that is no number', ['--limit-scale', 'fast']],
  ['an unknown provider', ['quickboks']],
  ['a fault that cannot be read', ['--fault', 'sometimes']],
  ['a number that is none', ['--records', 'many']],
  ['a span that is none', ['--token-lifetime', 'short']],
])('lwi mock with %s is code 2', async (_, words) => {
  const lwi = await openScenario();
  expect(await lwi.run(['mock', ...words, '--port', '0'])).toMatchObject({ code: 2, stdout: '' });
});

test('lwi mock on a port in use is code 2', async () => {
  const lwi = await openScenario();
  const { port, server } = await occupyPort();
  const ran = await lwi.run(['mock', '--port', String(port)]);
  server.close();
  expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('PORT_IN_USE') });
});
