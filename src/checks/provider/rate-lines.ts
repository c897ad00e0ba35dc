import { readRateHeaders } from '../../http/rate-headers.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import type { LimitRule } from '../../providers/provider.ts';
import { formatSpan } from '../../span.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, given } from './demand.ts';
import { connect } from './grants.ts';
import type { Line } from './line.ts';
import { ask, goodReads, type Read, readingLine, rulesOf } from './reads.ts';

/** Headers of three families that all say: nothing left, and new in half a minute. */
const STYLES: readonly (readonly [name: string, headers: (now: number) => Record<string, string>])[] = [
  ['X-RateLimit', (now) => named('x-ratelimit', now)],
  ['RateLimit', () => ({ 'ratelimit-policy': '"q";q=90;w=60', ratelimit: '"q";r=0;t=30' })],
  ['X-Rate-Limit', (now) => named('x-rate-limit', now)],
];

function named(family: string, now: number): Record<string, string> {
  const reset = String(Math.ceil(now / 1000) + 30);
  return { [`${family}-limit`]: '90', [`${family}-remaining`]: '0', [`${family}-reset`]: reset };
}

/** By the clock of the check, which another server does not have. */
const dated = (now: number) => ({ date: new Date(now).toUTCString() });

const headers = readingLine({
  name: 'rate-limit-headers',
  about: '`limits` and `limitsFor`: a request must count against a rule',
  async run(bench, row, read) {
    const { standIn, clock } = bench;
    const said: string[] = [];
    for (const [name, make] of STYLES) {
      standIn.script(() => ({ headers: { ...make(clock.now()), ...dated(clock.now()) } }));
      await ask(bench, row, read);
      const answer = given(standIn.seen.at(-1), 'nothing was sent');
      const reading = readRateHeaders(Object.fromEntries(answer.answer.headers), answer.at);
      demand(reading?.limit === 90 && reading.remaining === 0, `${name}: read as ${JSON.stringify(reading)}`);
      standIn.script(undefined);
      await ask(bench, row, read);
      const waited = (standIn.seen.at(-1)?.at ?? 0) - answer.at;
      demand(
        waited >= 29_000 && waited <= 62_000,
        `${name}: the next request came after ${formatSpan(waited)}, not after 30s`,
      );
      said.push(`${name} ${formatSpan(waited)}`);
    }
    return pass(`90 allowed, 0 left, new in 30s; the next request waited: ${said.join(', ')}`);
  },
});

/** So many requests are sent at most, to keep the check short. */
const MOST_REQUESTS = 120;

const limiter: Line = {
  name: 'client-rate-limit',
  needs: ['token-exchange'],
  about: '`limits` and `limitsFor`',
  async run(bench) {
    const { provider, standIn, clock } = bench;
    if (bench.subject.elsewhere)
      return skip('it is not tried on a server that is not the mock: it could be one request too many');
    for (const { name, permits, perMs, burst, concurrency } of provider.limits)
      demand(Math.min(permits, perMs, burst, concurrency) > 0, `the rule "${name}" lets nothing through`);
    const row = await connect(bench);
    const reads = await goodReads(bench);
    const [tightest] = reads
      .map((read) => ({ read, rules: rulesOf(provider, row, read, clock.now()) }))
      .sort((a, b) => leastOf(a.rules) - leastOf(b.rules));
    if (!tightest) return skip('neither the probe nor any entity is answered: see mock-server');
    const { read, rules } = tightest;
    const rule = given(
      [...rules].sort((a, b) => a.permits - b.permits)[0],
      `the request for ${read.name} counts against no rule`,
    );
    const sent = await sendOneTooMany(bench, row, read, rule);
    const refused = sent.filter(({ status, answer }) => status === 429 || /ratelimited/.test(answer.text));
    demand(refused.length === 0, `${refused.length} of ${sent.length} requests were refused for their rate`);
    demand(
      standIn.mostAtOnce <= rule.concurrency,
      `${standIn.mostAtOnce} requests were under way at once, ${rule.concurrency} are allowed`,
    );
    const within = `${rule.permits} in ${formatSpan(rule.perMs)}`;
    if (sent.length <= rule.permits) {
      return pass(
        `"${rule.name}", ${within}: ${sent.length} requests for ${read.name}, none refused, at most ${standIn.mostAtOnce} at once; ${await shared(bench, row, read, rule)}`,
      );
    }
    const waited = (sent.at(-1)?.at ?? 0) - (sent.at(-1 - rule.permits)?.at ?? 0);
    demand(
      waited >= rule.perMs - 1,
      `request ${sent.length} came ${formatSpan(waited)} after the one ${rule.permits} before`,
    );
    return pass(
      `"${rule.name}", ${within}: ${sent.length} requests for ${read.name} at once, the last one waited ${formatSpan(waited)}; none was refused, at most ${standIn.mostAtOnce} under way`,
    );
  },
};

const leastOf = (rules: readonly LimitRule[]) => Math.min(...rules.map(({ permits }) => permits));

async function sendOneTooMany(bench: Bench, row: ConnectionRow, read: Read, { permits }: LimitRule) {
  // Else a quick server never has two requests at once.
  bench.standIn.script(() => ({ lateMs: 5 }));
  const before = bench.standIn.seen.length;
  const count = Math.min(permits + 1, MOST_REQUESTS);
  const send = bench.api({ policy: { attempts: 1, deadlineMs: 86_400_000 } });
  const request = read.of(row, bench.clock.now());
  const url = bench.request(row, request);
  await Promise.all(Array.from({ length: count }, () => send(url, bench.call(row, request))));
  return bench.standIn.seen.slice(before);
}

/** A rule that is too wide to be used up here is tried with a small part of it. */
async function shared(bench: Bench, row: ConnectionRow, read: Read, { permits, perMs }: LimitRule): Promise<string> {
  const share = 10 / permits;
  const few = Math.max(1, Math.floor(permits * share));
  const request = read.of(row, bench.clock.now());
  bench.clock.jump(2 * perMs);
  const before = bench.standIn.seen.length;
  const send = bench.api({ share, policy: { attempts: 1, deadlineMs: 86_400_000 } });
  for (let sent = 0; sent <= few; sent++) await send(bench.request(row, request), bench.call(row, request));
  const times = bench.standIn.seen.slice(before).map(({ at }) => at);
  const waited = (times.at(-1) ?? 0) - (times[0] ?? 0);
  demand(waited >= perMs - 1, `with a share of ${few} requests, the next one came after ${formatSpan(waited)}`);
  return `with a share of ${few}, request ${few + 1} waited ${formatSpan(waited)}`;
}

const throttled = readingLine({
  name: 'backoff-on-429',
  about: '`classify` of a refusal for the rate',
  async run(bench, row, read) {
    const { standIn, provider, clock } = bench;
    const said: string[] = [];
    const cases: readonly (readonly [
      name: string,
      own: boolean,
      headers: () => Record<string, string>,
      leastMs: number,
    ])[] = [
      ['in its own words', true, () => ({}), 0],
      ['Retry-After: 7', false, () => ({ 'retry-after': '7' }), 7000],
      [
        'Retry-After as a date in 20 s',
        false,
        () => ({
          'retry-after': new Date(clock.now() + 20_000).toUTCString(),
          date: new Date(clock.now()).toUTCString(),
        }),
        19_000,
      ],
    ];
    for (const [name, own, make, leastMs] of cases) {
      standIn.script((nth) => (nth === 1 ? { status: 429, own, headers: make() } : undefined));
      const before = standIn.seen.length;
      await ask(bench, row, read);
      const [refused, repeated, ...more] = standIn.seen.slice(before);
      demand(refused !== undefined && repeated !== undefined && more.length === 0, `${name}: it was not repeated once`);
      const answer = {
        status: 429,
        headers: Object.fromEntries(refused.answer.headers),
        body: Buffer.from(refused.answer.text),
      };
      const told = retryAfterMs(answer.headers, refused.at) ?? provider.classify(answer)?.retryAfterMs;
      const waited = repeated.at - refused.at;
      const least = Math.max(leastMs, told ?? 0, 1000 * Number(!own));
      demand(waited >= least, `${name}: repeated after ${formatSpan(waited)}, ${formatSpan(least)} were asked for`);
      demand(told !== undefined || waited >= 1000, `${name}: repeated after ${formatSpan(waited)}`);
      said.push(`${name}: repeated after ${formatSpan(waited)}`);
    }
    return pass(said.join('; '));
  },
});

export const RATE_LINES: readonly Line[] = [headers, limiter, throttled];
