import { readRateHeaders } from '../../http/rate-headers.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { formatSpan } from '../../span.ts';
import { pass } from '../check.ts';
import { demand, given } from './demand.ts';
import { limiter } from './limiter-line.ts';
import type { Line } from './line.ts';
import { ask, readingLine } from './reads.ts';

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
