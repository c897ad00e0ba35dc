import { expect, test } from 'vitest';
import { inThisProcess, openScenario } from '../support/scenario.ts';

const AT = '2026-01-05T10:00:00.000Z';
const at = ['--at', AT];

test('limits explain says how the headers of an answer are read, by our own clock', async () => {
  const lwi = inThisProcess(await openScenario());
  const headers = [
    ...[
      '-H',
      'Date: Mon, 05 Jan 2026 07:00:00 GMT',
      '-H',
      'X-RateLimit-Limit: 5000',
      '-H',
      'x-ratelimit-remaining:4987',
    ],
    ...['-H', `X-RateLimit-Reset: ${Date.parse('2026-01-05T07:30:00Z') / 1000}`, '-H', 'X-RateLimit-Resource: core'],
  ];
  expect(await lwi.json(['limits', 'explain', ...headers, ...at])).toEqual({
    ...{ limit: 5000, remaining: 4987, resetAt: '2026-01-05T10:30:00.000Z', retryAfterMs: null },
    policies: [{ name: 'core', quota: 5000, windowMs: null, remaining: 4987, resetMs: 1_800_000 }],
    ignored: [],
  });
});

test('a header that is given twice is one list, and what cannot be read is said with its reason', async () => {
  const lwi = inThisProcess(await openScenario());
  const headers = [
    ...['-H', 'RateLimit-Policy: "minute";q=50;w=60', '-H', 'ratelimit-policy: "hour";q=1000;w=3600'],
    ...['-H', 'RateLimit: "hour";r=9;t=120', '-H', 'Retry-After: soon'],
  ];
  expect(await lwi.json(['limits', 'explain', ...headers, ...at])).toEqual({
    ...{ limit: 1000, remaining: 9, resetAt: '2026-01-05T10:02:00.000Z', retryAfterMs: null },
    policies: [
      { name: 'minute', quota: 50, windowMs: 60_000, remaining: null, resetMs: null },
      { name: 'hour', quota: 1000, windowMs: 3_600_000, remaining: 9, resetMs: 120_000 },
    ],
    ignored: [{ header: 'retry-after', why: 'It is neither seconds nor an HTTP-date.' }],
  });
});

test('without a header about limits every member is there and empty', async () => {
  const lwi = inThisProcess(await openScenario());
  const empty = { limit: null, remaining: null, resetAt: null, retryAfterMs: null, policies: [], ignored: [] };
  expect(await lwi.json(['limits', 'explain', '-H', 'Content-Type: text/html'])).toEqual(empty);
  const ran = await lwi.run(['limits', 'explain', '-H', 'Content-Type: text/html']);
  expect(ran).toEqual({ code: 0, stdout: 'no header speaks of limits\n', stderr: '' });
});

test('the head of an answer comes from a pipe, as curl -i shows it; the last of several counts', async () => {
  const lwi = inThisProcess(await openScenario());
  const head =
    'HTTP/1.1 302 Found\r\nRetry-After: 99\r\n\r\nHTTP/2 429\r\nRetry-After: 7\r\nX-MinLimit-Remaining: 0\r\n\r\n{"a": 1}\r\nnot: read\r\n';
  expect(await lwi.json(['limits', 'explain', '--input', '-', ...at], { stdin: head })).toEqual({
    ...{ limit: null, remaining: 0, resetAt: null, retryAfterMs: 7000 },
    policies: [{ name: 'min', quota: null, windowMs: 60_000, remaining: 0, resetMs: null }],
    ignored: [],
  });
});

test('what lwi api -i prints can be piped into it', async () => {
  const lwi = inThisProcess(await openScenario({ faults: ['headers=github:quickbooks/v3'] }));
  await lwi.connected(['quickbooks']);
  const { stdout } = await lwi.run(['api', 'quickbooks', '/companyinfo/9130000000000001', '-i']);
  const reading = await lwi.json(['limits', 'explain', '--input', '-'], { stdin: stdout });
  expect(reading).toMatchObject({ limit: 10, policies: [{ name: 'core', quota: 10 }], ignored: [] });
});

test('for people it is a few lines, a table and what was ignored', async () => {
  const lwi = inThisProcess(await openScenario());
  const headers = ['-H', 'X-RateLimit-Limit: 60', '-H', 'X-RateLimit-Remaining: 12', '-H', 'X-RateLimit-Reset: 90'];
  const ran = await lwi.run(['limits', 'explain', ...headers, '-H', 'X-RateLimit-Moon: full', ...at]);
  expect(ran).toEqual({
    code: 0,
    stdout: [
      'limit      60',
      'remaining  12',
      'renewed    in 1m 30s, at 2026-01-05T10:01:30.000Z',
      '',
      'POLICY       QUOTA  REMAINING  RENEWED IN',
      'x-ratelimit     60         12      1m 30s',
      '',
      'ignored: x-ratelimit-moon: What it means is not known.',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('it needs no home, no key and no network', async () => {
  const lwi = inThisProcess(await openScenario());
  const env = { LWI_HOME: '/proc/nowhere', LWI_ENCRYPTION_KEY: undefined, LWI_MOCK_URL: 'http://127.0.0.1:1' };
  const ran = await lwi.run(['limits', 'explain', '-H', 'Retry-After: 5'], { env });
  expect(ran).toEqual({ code: 0, stdout: 'retry after  5s\n', stderr: '' });
  expect(await lwi.requests()).toEqual({});
});

test.each([
  ['no header', ['limits', 'explain'], 'USAGE'],
  ['a header without a colon', ['limits', 'explain', '-H', 'Retry-After 5'], 'USAGE'],
  ['a time that is none', ['limits', 'explain', '-H', 'Retry-After: 5', '--at', 'noon'], 'USAGE'],
  ['a head with a line that is no header', ['limits', 'explain', '--input', 'head'], 'INPUT_INVALID'],
  ['a file that is not there', ['limits', 'explain', '--input', 'nothing'], 'INPUT_INVALID'],
])('%s is code 2', async (_, words, code) => {
  const lwi = inThisProcess(await openScenario());
  lwi.write('head', 'HTTP/1.1 200 OK\nRetry-After 5\n');
  expect(await lwi.run(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(code) });
});
