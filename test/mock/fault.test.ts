import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createFaultSchedule, parseFault } from '../../src/mock/fault.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { call, connectQuickbooks, control, postForm, quickbooksQuery, startMock } from './started-mock.ts';

test.each([
  ['500', { fault: { kind: 'status', status: 500 }, place: '*', chance: 1, first: 1, last: Infinity }],
  [
    '429:quickbooks/query:0.25',
    { fault: { kind: 'status', status: 429 }, place: 'quickbooks/query', chance: 0.25, first: 1, last: Infinity },
  ],
  ['latency=250:slack:#3', { fault: { kind: 'latency', ms: 250 }, place: 'slack', chance: 1, first: 3, last: 3 }],
  ['skew=-600000:*:#2-4', { fault: { kind: 'skew', ms: -600_000 }, place: '*', chance: 1, first: 2, last: 4 }],
  [
    'lost:slack/oauth.v2.access:#2-',
    { fault: { kind: 'lost' }, place: 'slack/oauth.v2.access', chance: 1, first: 2, last: Infinity },
  ],
])('%s can be read', (spec, rule) => {
  expect(parseFault(spec)).toEqual(rule);
});

test.each([
  ['429;retry-after=2', { kind: 'status', status: 429, retryAfter: { text: '2' } }],
  ['429;retry-after=soon', { kind: 'status', status: 429, retryAfter: { text: 'soon' } }],
  ['503;retry-after-date=-30', { kind: 'status', status: 503, retryAfter: { dateAfterSeconds: -30 } }],
  ['slow=3000', { kind: 'slow', ms: 3000 }],
  ['drift=-12.5', { kind: 'drift', msPerSecond: -12.5 }],
  ['hang', { kind: 'hang' }],
  ['truncate', { kind: 'truncate', chunked: false }],
  ['truncate=chunked', { kind: 'truncate', chunked: true }],
  ['type=text/html; charset=utf-8', { kind: 'type', type: 'text/html; charset=utf-8' }],
  ['html', { kind: 'html', status: 502 }],
  ['html=200', { kind: 'html', status: 200 }],
  ['headers=ietf', { kind: 'headers', style: 'ietf' }],
])('what goes wrong can be %s', (spec, fault) => {
  expect(parseFault(spec)).toEqual({ fault, place: '*', chance: 1, first: 1, last: Infinity });
});

test.each([
  '',
  '200',
  '700',
  'latency',
  'latency=-1',
  'explode',
  'cut:',
  'cut:*:2',
  'cut:*:-1',
  'cut:*:#0',
  'cut:*:#4-2',
  'cut:*:1:1',
  '429;retry-after=',
  '429;retry-after-date=soon',
  '429;reset=5',
  'slow=-1',
  'drift=fast',
  'truncate=gzip',
  'type=html',
  'html=204',
  'html=302',
  'headers=slack',
])('%j is refused with the grammar', (spec) => {
  expect(() => parseFault(spec)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('latency=<ms>') }),
  );
});

test('a place is a provider and whole segments of its path', () => {
  const drawn = (place: string, path: string) => createFaultSchedule([`cut:${place}`], Math.random).draw(path).length;
  expect(drawn('quickbooks/query', '/quickbooks/v3/company/1/query')).toBe(1);
  expect(drawn('quickbooks/que', '/quickbooks/v3/company/1/query')).toBe(0);
  expect(drawn('quickbooks/oauth2/v1', '/quickbooks/oauth2/v1/tokens/bearer')).toBe(1);
  expect(drawn('slack', '/quickbooks/v3/company/1/query')).toBe(0);
  expect(drawn('*', '/anything')).toBe(1);
});

test('chances repeat themselves for the same seed and meet their share', () => {
  const draws = (seed: number) => {
    const schedule = createFaultSchedule(['500:*:0.3'], seededRandom(seed));
    return Array.from({ length: 2000 }, () => schedule.draw('/slack/api/auth.test').length);
  };
  expect(draws(5)).toEqual(draws(5));
  expect(draws(5)).not.toEqual(draws(6));
  const share = draws(5).reduce((sum, hit) => sum + hit, 0) / 2000;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.35);
});

test('a status fault speaks like the provider', async () => {
  const { url } = await startMock({
    faults: ['429:quickbooks/query', '503:slack', '500:mycarrierpackets', '500:quickbooks/oauth2'],
  });
  const query = await call(`${url}/quickbooks/v3/company/1/query`);
  expect([query.status, query.body.includes('<Error code="3001">')]).toEqual([429, true]);
  expect(await call(`${url}/slack/api/auth.test`)).toMatchObject({
    status: 503,
    body: { ok: false, error: 'internal_error' },
  });
  const carriers = await call(`${url}/mycarrierpackets/api/v1/Carrier/BlockedCarriers`, { method: 'POST' });
  expect(carriers).toMatchObject({ status: 500, body: { Message: 'An error has occurred.' } });
  expect((await call(`${url}/quickbooks/oauth2/v1/tokens/bearer`, { method: 'POST' })).body).toEqual({
    error: 'server_error',
  });
});

test('only the requests that are counted fail, and faults can be changed while the mock runs', async () => {
  const { url } = await startMock({ faults: ['500:slack/auth.test:#2-3'] });
  const status = async () => (await call(`${url}/slack/api/auth.test`)).status;
  expect([await status(), await status(), await status(), await status()]).toEqual([200, 500, 500, 200]);
  await control(url, 'faults?fault=502:slack');
  expect(await status()).toBe(502);
  expect((await control(url, 'faults?fault=nonsense')).status).toBe(400);
  await control(url, 'faults');
  expect(await status()).toBe(200);
});

test('html is the page of a gateway', async () => {
  const { url } = await startMock({ faults: ['html'] });
  const answer = await call(`${url}/slack/api/auth.test`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'text/html']);
  expect(answer.body).toContain('502 Bad Gateway');
});

test('latency is slept on the clock of the mock, skew moves the Date of the answer only', async () => {
  const { url, clock, mock } = await startMock({ faults: ['latency=1500:slack', 'skew=600000:slack'] });
  const before = clock.now();
  const answer = await call(`${url}/slack/api/auth.test`);
  expect(clock.now() - before).toBe(1500);
  expect(answer.headers.get('date')).toBe(new Date(before + 601_000).toUTCString());
  expect(mock.log[0]?.at).toBe(before + 1500);
});

test('cut closes the connection without an answer and without processing, lost after processing', async () => {
  const login = { grant_type: 'password', username: 'u', password: 'p' };
  const { url, mock } = await startMock();
  const tokenUrl = `${url}/mycarrierpackets/token`;
  const { refresh_token } = (await postForm(tokenUrl, login)).body;
  const refresh = () => postForm(tokenUrl, { grant_type: 'refresh_token', refresh_token });

  await control(url, 'faults?fault=cut');
  await expect(refresh()).rejects.toThrow('fetch failed');
  await control(url, 'faults?fault=lost:mycarrierpackets:%231');
  await expect(refresh()).rejects.toThrow('fetch failed');
  expect((await refresh()).body).toEqual({ error: 'invalid_grant' });
  expect(mock.log.map(({ status }) => status)).toEqual([200, 0, 0, 400]);
});

test('truncate sends half of the body and closes the connection', async () => {
  const { url } = await startMock();
  const { body } = await connectQuickbooks(url);
  await control(url, 'faults?fault=truncate');
  await expect(quickbooksQuery(url, body.access_token, 'select * from Invoice')).rejects.toThrow('terminated');

  const raw = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write('GET /slack/api/auth.test HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  const announced = Number(/content-length: (\d+)/i.exec(raw)?.[1]);
  expect(raw.split('\r\n\r\n')[1]).toHaveLength(Math.floor(announced / 2));
});
