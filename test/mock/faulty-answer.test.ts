import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readRateHeaders } from '../../src/http/rate-headers.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { START } from './manual-clock.ts';
import {
  call,
  carrierCall,
  connectQuickbooks,
  control,
  postForm,
  quickbooksGet,
  quickbooksQuery,
  slackCall,
  startMock,
} from './started-mock.ts';

const slackTest = (url: string) => slackCall(url, PASTED_SLACK_TOKENS.bot, 'auth.test');

/** Everything that comes over a socket until it closes. */
function rawGet(url: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
}

test('a wrong content type comes with the right body', async () => {
  const { url } = await startMock({ faults: ['type=text/html:slack'] });
  const answer = await slackTest(url);
  expect([answer.status, answer.headers.get('content-type'), answer.body.ok]).toEqual([200, 'text/html', true]);
});

test('html=200 is the page of a captive portal, and nothing is processed', async () => {
  const { url } = await startMock({ faults: ['html=200:mycarrierpackets:#1'] });
  const login = { grant_type: 'password', username: 'u', password: 'p' };
  const page = await postForm(`${url}/mycarrierpackets/token`, login);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
  expect(page.body).toContain('<h1>Sign in to the network</h1>');
});

test('the Date drifts away from the time of the mock, either way, and everything else keeps it', async () => {
  const { url, clock, mock } = await startMock({ faults: ['drift=100:slack', 'drift=-250.5:quickbooks'] });
  const dates = async () =>
    Promise.all(
      ['slack/api/auth.test', 'quickbooks/x'].map(async (path) => (await call(`${url}/${path}`)).headers.get('date')),
    );
  const utc = (ms: number) => new Date(START + ms).toUTCString();
  expect(await dates()).toEqual([utc(0), utc(0)]);
  clock.advance(600_000);
  expect(await dates()).toEqual([utc(660_000), utc(600_000 - 150_300)]);
  expect(mock.log.at(-1)?.at).toBe(START + 600_000);
});

test('a request that hangs gets no answer until the client gives up, and is not processed', async () => {
  const { url, mock } = await startMock({ faults: ['hang:mycarrierpackets:#1'] });
  const form = new URLSearchParams({ grant_type: 'password', username: 'u', password: 'p' });
  const patience = new AbortController();
  const hanging = fetch(`${url}/mycarrierpackets/token`, { method: 'POST', body: form, signal: patience.signal });
  const first = Promise.race([hanging.then(() => 'answered'), slackTest(url).then(() => 'others are served')]);
  expect(await first).toBe('others are served');
  patience.abort(new Error('enough'));
  await expect(hanging).rejects.toThrow('enough');
  // The server hears of it a moment later.
  while (mock.log.length < 2) await slackTest(url);
  expect(mock.log.find(({ path }) => path.endsWith('/token'))).toMatchObject({ status: 0 });
});

test('a mock that is closed lets go of whoever hangs', async () => {
  const mock = createMock({ clock: virtualClock(), faults: ['hang'] });
  const served = await serveMock({ mock, port: 0 });
  const hanging = fetch(`${served.url}/slack/api/auth.test`);
  const rejected = expect(hanging).rejects.toThrow('fetch failed');
  // The request is there when the connection is counted.
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1', () => {
      socket.write('GET /_mock/requests HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    });
    socket.resume().on('close', () => resolve());
  });
  await served.close();
  await rejected;
});

test('a slow body begins at once and ends when its time is over', async () => {
  const clock = virtualClock();
  const served = await serveMock({ mock: createMock({ clock, faults: ['slow=9000:slack'] }), port: 0 });
  onTestFinished(() => served.close());
  const answer = await fetch(`${served.url}/slack/api/auth.test`);
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader?.read())?.value);
  const length = Number(answer.headers.get('content-length'));
  expect([answer.status, text.length > 0, text.length < length]).toEqual([200, true, true]);
  let ended = false;
  const rest = (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text += decoder.decode(value);
    }
    ended = true;
  })();
  await clock.until(rest);
  expect([ended, text.length, JSON.parse(text).ok]).toEqual([true, length, false]);
  const slept = clock.slept.reduce((sum, ms) => sum + ms, 0);
  expect(Math.round(slept)).toBe(9000);
});

test('a slow body ends with its reader', async () => {
  let pauses = 0;
  const ended = Promise.withResolvers<string>();
  const clock = {
    now: () => START,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((_, reject) => {
        pauses += 1;
        signal?.addEventListener('abort', () => {
          ended.resolve('aborted');
          reject(signal.reason);
        });
      }),
  };
  const served = await serveMock({ mock: createMock({ clock, faults: ['slow=9000:slack'] }), port: 0 });
  onTestFinished(() => served.close());
  const patience = new AbortController();
  const answer = await fetch(`${served.url}/slack/api/auth.test`, { signal: patience.signal });
  expect(answer.status).toBe(200);
  patience.abort();
  expect([await ended.promise, pauses]).toEqual(['aborted', 1]);
});

test.each([
  ['429;retry-after=7', 429, '7'],
  ['503;retry-after=soon', 503, 'soon'],
  ['429;retry-after-date=90', 429, new Date(START + 90_000).toUTCString()],
])('%s carries that Retry-After, whatever the provider', async (fault, status, expected) => {
  const { url } = await startMock({ faults: [fault] });
  for (const path of ['slack/api/auth.test', 'quickbooks/v3/company/1/query', 'mycarrierpackets/token']) {
    const answer = await call(`${url}/${path}`);
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, status, expected]);
  }
});

test('a Retry-After that is a date is counted from the Date of the answer, also when that one is wrong', async () => {
  const { url } = await startMock({ faults: ['429;retry-after-date=90', 'skew=-3600000'] });
  const { headers } = await slackTest(url);
  expect(readRateHeaders(Object.fromEntries(headers), START)).toMatchObject({ retryAfterMs: 90_000 });
});

test('truncate=chunked is half a body without a length and without an end', async () => {
  const { url } = await startMock();
  const whole = (await (await fetch(`${url}/slack/api/auth.test`)).text()).length;
  await control(url, 'faults?fault=truncate=chunked');
  const raw = await rawGet(url, '/slack/api/auth.test');
  const [head = '', body = ''] = raw.split('\r\n\r\n');
  expect([/content-length/i.test(head), /transfer-encoding: chunked/i.test(head)]).toEqual([false, true]);
  const [size = '', half = ''] = body.split('\r\n');
  expect([Number.parseInt(size, 16), half.length, body.includes('\r\n0\r\n')]).toEqual([
    Math.floor(whole / 2),
    Math.floor(whole / 2),
    false,
  ]);
  await expect(slackTest(url)).rejects.toThrow('terminated');
});

const REPORTED = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-used',
  'x-ratelimit-reset',
  'x-ratelimit-resource',
];

test('headers=github tells the truth about the tightest window', async () => {
  const { url, clock } = await startMock({ rateLimits: true });
  const token = (await connectQuickbooks(url)).body.access_token;
  await control(url, 'faults?fault=headers=github');
  const reported = async () => {
    const { status, headers } = await quickbooksQuery(url, token, 'select * from Term');
    return [status, ...REPORTED.map((name) => headers.get(name))];
  };
  const reset = (ms: number) => String(Math.ceil((START + ms) / 1000));
  expect(await reported()).toEqual([200, '10', '9', '1', reset(1000), 'core']);
  clock.advance(400);
  for (let more = 0; more < 8; more++) await reported();
  expect(await reported()).toEqual([200, '10', '0', '10', reset(1400), 'core']);
  expect(await reported()).toEqual([429, '10', '0', '10', reset(1400), 'core']);
  clock.advance(600);
  expect(await reported()).toEqual([200, '10', '0', '10', reset(2000), 'core']);
});

test('headers=twitter says the same under its own names', async () => {
  const { url } = await startMock({ rateLimits: true, faults: ['headers=twitter:slack'] });
  const { headers } = await slackCall(url, PASTED_SLACK_TOKENS.bot, 'users.list', { limit: '5' });
  expect(Object.fromEntries([...headers].filter(([name]) => name.includes('rate')))).toEqual({
    'x-rate-limit-limit': '20',
    'x-rate-limit-remaining': '19',
    'x-rate-limit-reset': String((START + 60_000) / 1000),
  });
});

test('headers=ietf tells every window, as lwi itself reads it', async () => {
  const { url, clock } = await startMock({ rateLimits: true });
  const token = (await connectQuickbooks(url)).body.access_token;
  await control(url, 'faults?fault=headers=ietf');
  await quickbooksGet(url, token, 'companyinfo/9130000000000001');
  clock.advance(500);
  const { headers } = await quickbooksGet(url, token, 'companyinfo/9130000000000001');
  expect([headers.get('ratelimit-policy'), headers.get('ratelimit')]).toEqual([
    '"500-in-60000ms";q=500;w=60, "10-in-1000ms";q=10;w=1',
    '"500-in-60000ms";r=498;t=60, "10-in-1000ms";r=8;t=1',
  ]);
  expect(readRateHeaders(Object.fromEntries(headers), clock.now())).toEqual({
    ...{ limit: 10, remaining: 8, resetMs: 1000 },
    policies: [
      { name: '500-in-60000ms', quota: 500, windowMs: 60_000, remaining: 498, resetMs: 60_000 },
      { name: '10-in-1000ms', quota: 10, windowMs: 1000, remaining: 8, resetMs: 1000 },
    ],
    ignored: [],
  });
});

test('no headers are made up where nothing is limited, and times follow a clock that is off', async () => {
  const { url } = await startMock({ rateLimits: false, faults: ['headers=ietf', 'headers=github'] });
  const rated = ({ headers }: { headers: Headers }) => [...headers.keys()].filter((name) => name.includes('limit'));
  expect(rated(await slackTest(url))).toEqual([]);
  const off = await startMock({ rateLimits: true, faults: ['headers=github:mycarrierpackets/api', 'skew=7200000'] });
  const login = { grant_type: 'password', username: 'u', password: 'p' };
  const { access_token } = (await postForm(`${off.url}/mycarrierpackets/token`, login)).body;
  const { headers } = await carrierCall(off.url, access_token, 'BlockedCarriers');
  expect(headers.get('x-ratelimit-reset')).toBe(String((START + 7_200_000 + 60_000) / 1000));
  expect(readRateHeaders(Object.fromEntries(headers), START)).toMatchObject({ remaining: 119, resetMs: 60_000 });
});
