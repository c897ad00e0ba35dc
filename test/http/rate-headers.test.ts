import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRateHeaders } from '../../src/http/rate-headers.ts';
import { START } from '../support/virtual-clock.ts';

const NOW_S = START / 1000;
const DATE = 'Mon, 05 Jan 2026 10:00:00 GMT';

type Headers = Record<string, string>;

describe('rate-limit headers as vendors send them', () => {
  it.each<[string, Headers, unknown]>([
    [
      'GitHub: docs.github.com, rate limits for the REST API',
      {
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '4987',
        'x-ratelimit-reset': String(NOW_S + 1800),
        'x-ratelimit-used': '13',
        'x-ratelimit-resource': 'core',
      },
      {
        ...{ limit: 5000, remaining: 4987, resetMs: 1_800_000 },
        policies: [{ name: 'core', quota: 5000, remaining: 4987, resetMs: 1_800_000 }],
        ignored: [],
      },
    ],
    [
      "GitHub's secondary limit: the same page, Retry-After beside a quota that is not used up",
      { 'retry-after': '60', 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4000' },
      {
        ...{ limit: 5000, remaining: 4000, retryAfterMs: 60_000 },
        policies: [{ name: 'x-ratelimit', quota: 5000, remaining: 4000 }],
        ignored: [],
      },
    ],
    [
      'Slack: docs.slack.dev, rate limits (Retry-After alone)',
      { 'retry-after': '30', 'x-slack-req-id': 'a1b2' },
      { retryAfterMs: 30_000, policies: [], ignored: [] },
    ],
    [
      'Shopify: shopify.dev, REST Admin API rate limits',
      { 'x-shopify-shop-api-call-limit': '32/40', 'retry-after': '2.0' },
      {
        ...{ limit: 40, remaining: 8, retryAfterMs: 2000 },
        policies: [{ name: 'x-shopify-shop-api-call-limit', quota: 40, remaining: 8 }],
        ignored: [],
      },
    ],
    [
      'X: docs.x.com, rate limits, with the limits of a day that its clients log',
      {
        'x-rate-limit-limit': '900',
        'x-rate-limit-remaining': '847',
        'x-rate-limit-reset': String(NOW_S + 600),
        'x-app-limit-24hour-limit': '17',
        'x-app-limit-24hour-remaining': '3',
        'x-app-limit-24hour-reset': String(NOW_S + 7200),
      },
      {
        ...{ limit: 17, remaining: 3, resetMs: 7_200_000 },
        policies: [
          { name: 'app-24hour', quota: 17, windowMs: 86_400_000, remaining: 3, resetMs: 7_200_000 },
          { name: 'x-rate-limit', quota: 900, remaining: 847, resetMs: 600_000 },
        ],
        ignored: [],
      },
    ],
    [
      'HubSpot: developers.hubspot.com, changelog 2018-11-06 and usage guidelines',
      {
        'x-hubspot-ratelimit-daily': '250000',
        'x-hubspot-ratelimit-daily-remaining': '249000',
        'x-hubspot-ratelimit-interval-milliseconds': '10000',
        'x-hubspot-ratelimit-max': '100',
        'x-hubspot-ratelimit-remaining': '98',
        'x-hubspot-ratelimit-secondly': '10',
        'x-hubspot-ratelimit-secondly-remaining': '9',
      },
      {
        ...{ limit: 10, remaining: 9 },
        policies: [
          { name: 'daily', quota: 250_000, windowMs: 86_400_000, remaining: 249_000 },
          { name: 'secondly', quota: 10, windowMs: 1000, remaining: 9 },
          { name: 'x-hubspot-ratelimit', quota: 100, windowMs: 10_000, remaining: 98 },
        ],
        ignored: [],
      },
    ],
    [
      'Xero: developer.xero.com, limits, on a 429',
      {
        'x-daylimit-remaining': '4539',
        'x-minlimit-remaining': '0',
        'x-appminlimit-remaining': '9938',
        'x-rate-limit-problem': 'minute',
        'retry-after': '22',
      },
      {
        ...{ remaining: 0, retryAfterMs: 22_000 },
        policies: [
          { name: 'day', windowMs: 86_400_000, remaining: 4539 },
          { name: 'min', windowMs: 60_000, remaining: 0 },
          { name: 'appmin', windowMs: 60_000, remaining: 9938 },
        ],
        ignored: [],
      },
    ],
    [
      'Reddit: github.com/reddit-archive/reddit/wiki/API (fractions, seconds to the end of the period)',
      { 'x-ratelimit-used': '2', 'x-ratelimit-remaining': '598.0', 'x-ratelimit-reset': '427' },
      {
        ...{ remaining: 598, resetMs: 427_000 },
        policies: [{ name: 'x-ratelimit', remaining: 598, resetMs: 427_000 }],
        ignored: [],
      },
    ],
    [
      'Discord: docs.discord.com, rate limits (the delay goes before the time, which has a fraction)',
      {
        'x-ratelimit-limit': '5',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1470173023.123',
        'x-ratelimit-reset-after': '1.456',
        'x-ratelimit-bucket': 'abcd1234',
        'x-ratelimit-scope': 'user',
        'retry-after': '2',
      },
      {
        ...{ limit: 5, remaining: 0, resetMs: 1456, retryAfterMs: 2000 },
        policies: [{ name: 'abcd1234', quota: 5, remaining: 0, resetMs: 1456 }],
        ignored: [],
      },
    ],
    [
      'Zendesk: developer.zendesk.com, avoiding rate limiting (two families for one limit, one header for another)',
      {
        'x-rate-limit': '700',
        'ratelimit-limit': '700',
        'x-rate-limit-remaining': '699',
        'ratelimit-remaining': '699',
        'ratelimit-reset': '41',
        'zendesk-ratelimit-tickets-index': 'total=100; remaining=99; resets=41',
      },
      {
        ...{ limit: 100, remaining: 99, resetMs: 41_000 },
        policies: [
          { name: 'tickets-index', quota: 100, remaining: 99, resetMs: 41_000 },
          { name: 'x-rate-limit', quota: 700, remaining: 699, resetMs: 41_000 },
        ],
        ignored: [],
      },
    ],
    [
      'GitLab: docs.gitlab.com, user and IP rate limits (an epoch under the name of the draft)',
      {
        'ratelimit-limit': '60',
        'ratelimit-name': 'throttle_authenticated_web',
        'ratelimit-observed': '67',
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(NOW_S + 30),
      },
      {
        ...{ limit: 60, remaining: 0, resetMs: 30_000 },
        policies: [{ name: 'throttle_authenticated_web', quota: 60, remaining: 0, resetMs: 30_000 }],
        ignored: [],
      },
    ],
    [
      'GitLab: RateLimit-ResetTime as an HTTP-date',
      { 'ratelimit-remaining': '0', 'ratelimit-resettime': 'Mon, 05 Jan 2026 10:00:30 GMT' },
      { remaining: 0, resetMs: 30_000, policies: [{ name: 'ratelimit', remaining: 0, resetMs: 30_000 }], ignored: [] },
    ],
    [
      'Kong: docs.konghq.com, rate-limiting plugin (a limit for each window)',
      {
        'x-ratelimit-limit-second': '5',
        'x-ratelimit-remaining-second': '4',
        'x-ratelimit-limit-hour': '10000',
        'x-ratelimit-remaining-hour': '9998',
      },
      {
        ...{ limit: 5, remaining: 4 },
        policies: [
          { name: 'second', quota: 5, windowMs: 1000, remaining: 4 },
          { name: 'hour', quota: 10_000, windowMs: 3_600_000, remaining: 9998 },
        ],
        ignored: [],
      },
    ],
    [
      'OpenAI: platform.openai.com, rate limits (durations; tokens are no requests)',
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-limit-tokens': '150000',
        'x-ratelimit-remaining-requests': '59',
        'x-ratelimit-remaining-tokens': '12',
        'x-ratelimit-reset-requests': '1s',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      {
        ...{ limit: 60, remaining: 59, resetMs: 1000 },
        policies: [
          { name: 'requests', quota: 60, remaining: 59, resetMs: 1000 },
          { name: 'tokens', quota: 150_000, remaining: 12, resetMs: 360_000 },
        ],
        ignored: [],
      },
    ],
    [
      'Anthropic: docs.anthropic.com, rate limits (ISO times)',
      {
        'anthropic-ratelimit-requests-limit': '600',
        'anthropic-ratelimit-requests-remaining': '0',
        'anthropic-ratelimit-requests-reset': '2026-01-05T10:00:25Z',
        'retry-after': '25',
      },
      {
        ...{ limit: 600, remaining: 0, resetMs: 25_000, retryAfterMs: 25_000 },
        policies: [{ name: 'requests', quota: 600, remaining: 0, resetMs: 25_000 }],
        ignored: [],
      },
    ],
    [
      'Envoy: rate limit filter, DRAFT_VERSION_03 under an X-',
      { 'x-ratelimit-limit': '10, 10;w=1;name="per-ip"', 'x-ratelimit-remaining': '9', 'x-ratelimit-reset': '1' },
      {
        ...{ limit: 10, remaining: 9, resetMs: 1000 },
        policies: [{ name: '10;w=1', quota: 10, windowMs: 1000, remaining: 9, resetMs: 1000 }],
        ignored: [],
      },
    ],
    [
      'MailerLite: developers-classic.mailerlite.com, API rate limits (a delay under a name of its own)',
      { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0', 'x-ratelimit-retry-after': '59' },
      {
        ...{ limit: 60, remaining: 0, retryAfterMs: 59_000 },
        policies: [{ name: 'x-ratelimit', quota: 60, remaining: 0 }],
        ignored: [],
      },
    ],
  ])('%s', (_, headers, expected) => expect(readRateHeaders(headers, START)).toEqual(expected));

  it('Intuit: no header speaks of limits, and nothing is read', () => {
    const headers = { intuit_tid: '1-abc', 'qbo-version': '1', 'content-type': 'application/xml', date: DATE };
    expect(readRateHeaders(headers, START)).toBeUndefined();
  });

  it('what only contains the word is not about rates', () => {
    const headers = { 'x-upload-limit': '10', 'x-envoy-ratelimited': 'true', 'x-ratelimit-scope': 'user', limit: '5' };
    expect(readRateHeaders(headers, START)).toBeUndefined();
  });
});

/** Examples from the text of the drafts, by revision and section. */
describe('RateLimit headers of the IETF drafts', () => {
  it.each<[string, Headers, unknown]>([
    [
      'polli-04 and httpapi-03, 2.1: the policies stand in RateLimit-Limit',
      { 'ratelimit-limit': '100, 100;w=10', 'ratelimit-remaining': '50', 'ratelimit-reset': '50' },
      {
        ...{ limit: 100, remaining: 50, resetMs: 50_000 },
        policies: [{ name: '100;w=10', quota: 100, windowMs: 10_000, remaining: 50, resetMs: 50_000 }],
      },
    ],
    [
      'httpapi-03, dynamic limits: the limit that expires is none of the policies',
      { 'ratelimit-limit': '10, 100;w=60', 'ratelimit-remaining': '9', 'ratelimit-reset': '50' },
      {
        ...{ limit: 10, remaining: 9, resetMs: 50_000 },
        policies: [
          { name: '100;w=60', quota: 100, windowMs: 60_000 },
          { name: 'ratelimit', quota: 10, remaining: 9, resetMs: 50_000 },
        ],
      },
    ],
    [
      'httpapi-03, 2.1: comments with quotes, blanks and commas',
      {
        'ratelimit-limit':
          '100, 100;w=60;burst=1000;comment="sliding, window; see \\"docs\\"", 5000;w=3600;burst=0;comment="fixed window"',
        'ratelimit-remaining': '50',
        'ratelimit-reset': '44',
      },
      {
        ...{ limit: 100, remaining: 50, resetMs: 44_000 },
        policies: [
          { name: '100;w=60', quota: 100, windowMs: 60_000, remaining: 50, resetMs: 44_000 },
          { name: '5000;w=3600', quota: 5000, windowMs: 3_600_000 },
        ],
      },
    ],
    [
      'httpapi-05 and 06: RateLimit-Policy apart',
      {
        'ratelimit-limit': '5000',
        'ratelimit-policy': '1000;w=3600, 5000;w=86400',
        'ratelimit-remaining': '100',
        'ratelimit-reset': '36000',
      },
      {
        ...{ limit: 5000, remaining: 100, resetMs: 36_000_000 },
        policies: [
          { name: '1000;w=3600', quota: 1000, windowMs: 3_600_000 },
          { name: '5000;w=86400', quota: 5000, windowMs: 86_400_000, remaining: 100, resetMs: 36_000_000 },
        ],
      },
    ],
    [
      'httpapi-07, 2.3: one dictionary',
      { 'ratelimit-policy': '100;w=10', ratelimit: 'limit=100, remaining=50, reset=5' },
      {
        ...{ limit: 100, remaining: 50, resetMs: 5000 },
        policies: [{ name: '100;w=10', quota: 100, windowMs: 10_000, remaining: 50, resetMs: 5000 }],
      },
    ],
    [
      'httpapi-07, missing remaining: a limit and a reset',
      { ratelimit: 'limit=10, reset=1' },
      { limit: 10, resetMs: 1000, policies: [{ name: 'ratelimit', quota: 10, resetMs: 1000 }] },
    ],
    [
      'httpapi-08 to 10, 3.2 and 4.2: named policies, a partition key in bytes',
      {
        'ratelimit-policy': '"default";q=100;w=60;qu="requests";pk=:cHsdsRa894==:',
        ratelimit: '"default";r=50;t=30;pk=:cHsdsRa894==:',
      },
      {
        ...{ limit: 100, remaining: 50, resetMs: 30_000 },
        policies: [{ name: 'default', quota: 100, windowMs: 60_000, remaining: 50, resetMs: 30_000 }],
      },
    ],
    [
      'httpapi-10: several policies, of which one is reported, in the field that came twice',
      { 'ratelimit-policy': '"hour";q=1000;w=3600, "day";q=5000;w=86400', ratelimit: '"day";r=100;t=36000' },
      {
        ...{ limit: 5000, remaining: 100, resetMs: 36_000_000 },
        policies: [
          { name: 'hour', quota: 1000, windowMs: 3_600_000 },
          { name: 'day', quota: 5000, windowMs: 86_400_000, remaining: 100, resetMs: 36_000_000 },
        ],
      },
    ],
    [
      'httpapi-08: a name that is a token, without what is left, and a policy without a window',
      { 'ratelimit-policy': 'quota;q=10', ratelimit: 'quota;t=1' },
      { limit: 10, resetMs: 1000, policies: [{ name: 'quota', quota: 10, resetMs: 1000 }] },
    ],
    [
      'httpapi-10, 3.2: a quota of bytes says nothing about requests',
      {
        'ratelimit-policy': '"bytes";q=65535;qu="content-bytes";w=10, "calls";q=100;w=60',
        ratelimit: '"bytes";r=12;t=3, "calls";r=40;t=20',
      },
      {
        ...{ limit: 100, remaining: 40, resetMs: 20_000 },
        policies: [
          { name: 'bytes', quota: 65_535, windowMs: 10_000, remaining: 12, resetMs: 3000 },
          { name: 'calls', quota: 100, windowMs: 60_000, remaining: 40, resetMs: 20_000 },
        ],
      },
    ],
    [
      'httpapi-10: a quota of bytes that is used up lets no request through',
      {
        'ratelimit-policy': '"bytes";q=65535;qu="content-bytes";w=10, "calls";q=100;w=60',
        ratelimit: '"bytes";r=0;t=3, "calls";r=40;t=20',
      },
      {
        ...{ limit: 65_535, remaining: 0, resetMs: 3000 },
        policies: [
          { name: 'bytes', quota: 65_535, windowMs: 10_000, remaining: 0, resetMs: 3000 },
          { name: 'calls', quota: 100, windowMs: 60_000, remaining: 40, resetMs: 20_000 },
        ],
      },
    ],
    [
      'Cloudflare (httpapi-10), with the older headers for the same limit',
      {
        'ratelimit-policy': '"default";q=1200;w=300',
        ratelimit: '"default";r=1199;t=1',
        'ratelimit-limit': '1200',
        'ratelimit-remaining': '1199',
        'ratelimit-reset': '1',
      },
      {
        ...{ limit: 1200, remaining: 1199, resetMs: 1000 },
        policies: [{ name: 'default', quota: 1200, windowMs: 300_000, remaining: 1199, resetMs: 1000 }],
      },
    ],
    [
      'several families, each with a limit of its own: the tightest counts',
      {
        ratelimit: '"proxy";r=9;t=1',
        'x-ratelimit-limit': '5000',
        'x-ratelimit-remaining': '9',
        'x-ratelimit-reset': String(NOW_S + 60),
      },
      {
        ...{ limit: 5000, remaining: 9, resetMs: 60_000 },
        policies: [
          { name: 'proxy', remaining: 9, resetMs: 1000 },
          { name: 'x-ratelimit', quota: 5000, remaining: 9, resetMs: 60_000 },
        ],
      },
    ],
  ])('%s', (_, headers, expected) =>
    expect(readRateHeaders(headers, START)).toEqual({ ...(expected as object), ignored: [] }),
  );
});

describe('a reset', () => {
  const reset = (value: string, more: Headers = {}) =>
    readRateHeaders({ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': value, ...more }, START)?.resetMs;

  it.each([
    ['0', 0],
    ['2764800', 2_764_800_000],
    ['58.37', 58_370],
    [String(NOW_S + 90), 90_000],
    [`${NOW_S + 1}.250`, 1250],
    [String(START + 90_000), 90_000],
    [String(NOW_S - 5), 0],
    ['Mon, 05 Jan 2026 10:01:30 GMT', 90_000],
    ['Monday, 05-Jan-26 10:01:30 GMT', 90_000],
    ['Mon Jan  5 10:01:30 2026', 90_000],
    ['2026-01-05T10:01:30Z', 90_000],
    ['2026-01-05T12:01:30.500+02:00', 90_500],
    ['Mon Jan 05 2026 11:01:30 GMT+0100 (Central European Standard Time)', 90_000],
    ['4h51m22s', 17_482_000],
    ['120ms', 120],
  ])('as %s is %i ms away', (value, ms) => expect(reset(value)).toBe(ms));

  it("is measured by the provider's own clock", () => {
    const date = 'Mon, 05 Jan 2026 07:00:00 GMT';
    const theirs = Date.parse(date) / 1000 + 45;
    expect(reset(String(theirs), { date })).toBe(45_000);
    expect(reset('Mon, 05 Jan 2026 07:00:45 GMT', { date })).toBe(45_000);
    expect(reset('30', { date })).toBe(30_000);
  });

  it('is measured by ours when the Date is nonsense', () => {
    expect(reset(String(NOW_S + 45), { date: 'yesterday' })).toBe(45_000);
  });

  it('in a unit that its name says is read in that unit', () => {
    expect(readRateHeaders({ 'x-ratelimit-reset-ms': '1500' }, START)?.resetMs).toBe(1500);
    expect(readRateHeaders({ 'x-ratelimit-reset-after-ms': '250.4' }, START)?.resetMs).toBe(250);
  });
});

describe('headers that came twice', () => {
  it('belong together by their place: a gateway and a service', () => {
    const headers = { 'x-ratelimit-limit': '100, 60', 'x-ratelimit-remaining': '99, 3', 'x-ratelimit-reset': '30, 10' };
    expect(readRateHeaders(headers, START)).toEqual({
      ...{ limit: 60, remaining: 3, resetMs: 10_000 },
      policies: [
        { name: 'x-ratelimit', quota: 100, remaining: 99, resetMs: 30_000 },
        { name: 'x-ratelimit', quota: 60, remaining: 3, resetMs: 10_000 },
      ],
      ignored: [],
    });
  });

  it('that say the same are one', () => {
    const headers = { 'x-ratelimit-limit': '100, 100', 'x-ratelimit-remaining': '7, 7' };
    expect(readRateHeaders(headers, START)?.policies).toEqual([{ name: 'x-ratelimit', quota: 100, remaining: 7 }]);
  });

  it('in different numbers count by their strictest value', () => {
    const headers = {
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '99, 3',
      'x-ratelimit-reset': 'Mon, 05 Jan 2026 10:00:10 GMT, Mon, 05 Jan 2026 10:00:40 GMT',
    };
    expect(readRateHeaders(headers, START)?.policies).toEqual([
      { name: 'x-ratelimit', quota: 100, remaining: 3, resetMs: 40_000 },
    ]);
  });
});

describe('nonsense is ignored with a reason', () => {
  it.each<[string, string, string]>([
    ['x-ratelimit-remaining', '-1', 'It is negative.'],
    ['x-ratelimit-remaining', 'NaN', 'It is not a number.'],
    ['x-ratelimit-remaining', 'Infinity', 'It is not a number.'],
    ['x-ratelimit-remaining', '1e9', 'It is not a number.'],
    ['x-ratelimit-remaining', '0x10', 'It is not a number.'],
    ['x-ratelimit-remaining', '', 'It is empty.'],
    ['x-ratelimit-limit', '9'.repeat(400), 'It has too many digits.'],
    ['x-ratelimit-reset', '-1', 'It is negative.'],
    ['x-ratelimit-reset', 'soon', 'It is neither a number nor a date.'],
    ['x-ratelimit-reset', '2764801', 'It is neither a delay nor a time of these days.'],
    ['x-ratelimit-reset', '99999999999999', 'It lies more than a month ahead.'],
    ['x-ratelimit-reset', String(NOW_S + 86_400 * 365), 'It lies more than a month ahead.'],
    ['x-ratelimit-reset', String(NOW_S - 86_401), 'It lies more than a day back.'],
    ['x-ratelimit-reset', '2031-01-05T10:00:00Z', 'It lies more than a month ahead.'],
    ['x-ratelimit-reset', '2026-13-05T10:00:00Z', 'It is neither a number nor a date.'],
    ['x-ratelimit-reset-after', '99999999', 'It lies more than a month ahead.'],
    ['x-ratelimit-remaining', '1, 2, 3, 4, 5, 6, 7, 8, 9', 'It has more than 8 values.'],
    ['x-ratelimit-moon', 'full', 'What it means is not known.'],
    ['x-shopify-shop-api-call-limit', '32', 'It is empty.'],
    ['x-hubspot-ratelimit-interval-milliseconds', '999999999999', 'The window is longer than a year.'],
    ['ratelimit', '"default";r=50;t', 'A reset is no number of seconds.'],
    ['ratelimit', '"default";r=-1;t=-5', 'A reset is no number of seconds.'],
    ['ratelimit', '"open;r=1', 'It is not a well-formed structured field.'],
    ['ratelimit', 'limit=, remaining=', 'It is not a well-formed structured field.'],
    ['ratelimit', 'speed=fast', 'It says nothing about a limit.'],
    ['ratelimit', '"default"', 'A limit says neither what is left nor until when.'],
    ['ratelimit', '5;r=1', 'A limit has no name.'],
    ['ratelimit', '"a";r=1;t=99999999', 'A reset lies more than a month ahead.'],
    ['ratelimit-policy', '"a";w=1', 'A policy has no name or no quota.'],
    ['ratelimit-policy', '-5;w=1', 'A quota is negative.'],
    ['ratelimit-policy', '', 'It is empty.'],
    ['ratelimit-policy', '("a" "b");q=1', 'A list in brackets means nothing here.'],
    ['ratelimit-policy', 'a'.repeat(9000), 'It is too long.'],
    ['retry-after', 'soon', 'It is neither seconds nor an HTTP-date.'],
    ['retry-after', '-5', 'It is neither seconds nor an HTTP-date.'],
    ['retry-after', '86401', 'It asks for more than a day.'],
    ['retry-after', ' ', 'It is empty.'],
  ])('%s: %s', (header, value, why) => {
    const reading = readRateHeaders({ [header]: value, 'x-minlimit-remaining': '7' }, START);
    expect(reading?.ignored[0]).toEqual({ header, why });
    expect(reading?.policies).toContainEqual({ name: 'min', windowMs: 60_000, remaining: 7 });
  });

  it('what is left of a quota may be a burst, but not many times as much', () => {
    const reading = (remaining: string) =>
      readRateHeaders({ 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': remaining }, START);
    expect(reading('1000')).toMatchObject({ remaining: 1000, ignored: [] });
    expect(reading('1001')).toEqual({
      limit: 100,
      policies: [{ name: 'x-ratelimit', quota: 100 }],
      ignored: [{ header: 'x-ratelimit-remaining', why: 'It says that 1001 of 100 are left.' }],
    });
  });

  it('one bad header does not take the good ones with it', () => {
    expect(
      readRateHeaders({ 'ratelimit-limit': '100', 'ratelimit-remaining': 'x', 'ratelimit-reset': '5' }, START),
    ).toEqual({
      ...{ limit: 100, resetMs: 5000 },
      policies: [{ name: 'ratelimit', quota: 100, resetMs: 5000 }],
      ignored: [{ header: 'ratelimit-remaining', why: 'It is not a number.' }],
    });
  });
});

const NAMES = [
  ...[
    'retry-after',
    'date',
    'ratelimit',
    'ratelimit-policy',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
  ],
  ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-reset-after', 'x-ratelimit-used'],
  ...['x-ratelimit-retry-after', 'x-ratelimit-bucket', 'x-rate-limit', 'x-rate-limit-reset', 'x-daylimit-remaining'],
  ...['x-shopify-shop-api-call-limit', 'x-hubspot-ratelimit-max', 'x-hubspot-ratelimit-interval-milliseconds'],
  ...['zendesk-ratelimit-tickets-index', 'a-ratelimit-tokens-remaining', 'x-limit', '__proto__', 'constructor'],
];
const PIECES = [
  ...[
    'limit=',
    'remaining=',
    'reset=',
    '"default"',
    ';',
    ',',
    ', ',
    ' ',
    '=',
    ';r=',
    ';t=',
    ';q=',
    ';w=',
    ';pk=:',
    ':',
    '"',
    '\\',
  ],
  ...[
    '(',
    ')',
    '/',
    '-',
    '.',
    '0',
    '1',
    '100',
    '999999999999999',
    String(NOW_S),
    String(START),
    'Mon',
    'GMT',
    'é',
    '\u0000',
  ],
  ...['Mon, 05 Jan 2026 10:00:00 GMT', '2026-01-05T10:00:00Z', '6m0s', 'NaN', 'total=1', '\t', '@', '%"', '?1'],
];
const value = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((parts) => parts.join('')),
  fc.string({ maxLength: 60 }),
);
const anyHeaders = fc
  .uniqueArray(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 40 })), value), {
    selector: ([name]) => name,
    maxLength: 20,
  })
  .map((pairs) => Object.fromEntries(pairs));

it('whatever stands in the headers, a reading is bounded, and all of it came from somewhere', () => {
  fc.assert(
    fc.property(anyHeaders, (headers) => {
      const reading = readRateHeaders(headers, START);
      if (reading === undefined) return;
      const bounded = (least: number, most: number) => (number: number | undefined) =>
        number === undefined || (number >= least && number <= most && Number.isSafeInteger(number));
      const count = bounded(0, 1e15);
      const month = bounded(0, 32 * 86_400_000);
      expect([reading.retryAfterMs].every(month)).toBe(true);
      expect(reading.policies.length + reading.ignored.length).toBeLessThanOrEqual(64);
      for (const { quota, remaining, resetMs, windowMs, name } of reading.policies) {
        expect([quota, remaining].every(count)).toBe(true);
        expect([resetMs].every(month)).toBe(true);
        expect([windowMs].every(bounded(1, 400 * 86_400_000))).toBe(true);
        expect(name.length).toBeLessThanOrEqual(100);
      }
      for (const { header, why } of reading.ignored) {
        expect(Object.keys(headers)).toContain(header);
        expect(why).toMatch(/^[A-Z][^\n]*\.$/);
      }
      const { limit, remaining, resetMs } = reading;
      const top = reading.policies.some(
        (policy) => policy.quota === limit && policy.remaining === remaining && policy.resetMs === resetMs,
      );
      expect(top || [limit, remaining, resetMs].every((number) => number === undefined)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

// Whatever grew faster than the headers do would not come to an end here.
it('hostile headers of a size that no server sends are read to the end', () => {
  const hostile = (length: number): Headers => ({
    ratelimit: '"a";r=1,'.repeat(length / 8),
    'ratelimit-policy': '"\\"'.repeat(length / 3),
    'ratelimit-limit': `${'1;a;'.repeat(length / 4)},`,
    'x-ratelimit-reset': 'Mon,'.repeat(length / 4),
    'x-ratelimit-remaining': '1'.repeat(length),
    'retry-after': ' '.repeat(length),
    'zendesk-ratelimit-a': 'total=1;'.repeat(length / 8),
    [`x-${'rate-limi'.repeat(10)}`]: '1',
  });
  const reading = readRateHeaders(hostile(400_000), START);
  expect(reading?.policies.length).toBeLessThanOrEqual(32);
  expect(reading?.ignored.length).toBeGreaterThan(0);
});
