import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { apiClient } from '../../src/http/client.ts';
import type { Call, CallMeter, HttpResponse, Send } from '../../src/http/http.ts';
import { DEFAULT_RETRY, retryBudget } from '../../src/http/retry.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { Secret } from '../../src/secret.ts';
import { thorough } from '../support/thorough.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';
import { acme, call, database, response } from './support.ts';

const SCHEDULES = thorough(300, 1000);

/** What a provider may do with one request, and whether it may have carried it out. */
interface Outcome {
  readonly what: string;
  readonly mayBeDone: boolean;
  /** The provider certainly did nothing, and a repeat was asked for. */
  readonly answer: () => HttpResponse | LwiError;
}

const failed = (code: 'NETWORK' | 'TIMEOUT' | 'DNS', unsent = false) => new LwiError(code, 'trouble', { unsent });
const outcome = (what: string, mayBeDone: boolean, answer: Outcome['answer']): Outcome => ({ what, mayBeDone, answer });

const OUTCOMES: readonly Outcome[] = [
  outcome('200', true, () => response(200)),
  outcome('200 and a page', true, () => response(200, '<html>sign in</html>')),
  outcome('401', false, () => response(401)),
  outcome('404', true, () => response(404)),
  outcome('409', true, () => response(409)),
  outcome('429', false, () => response(429)),
  outcome('429 for 3 s', false, () => response(429, {}, { 'retry-after': '3' })),
  outcome('429 for an hour', false, () => response(429, {}, { 'retry-after': '3600' })),
  outcome('500', true, () => response(500)),
  outcome('503 for 20 s', true, () => response(503, '', { 'retry-after': '20' })),
  outcome('504', true, () => response(504, '<html>')),
  outcome('cut', true, () => failed('NETWORK')),
  outcome('refused', false, () => failed('NETWORK', true)),
  outcome('no such name', false, () => failed('DNS', true)),
  outcome('nothing for long', true, () => failed('TIMEOUT')),
];

const schedules = fc.record({
  seed: fc.integer(),
  calls: fc.array(
    fc.record({
      repeatable: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: 20_000 }),
      outcomes: fc.array(fc.tuple(fc.constantFrom(...OUTCOMES), fc.integer({ min: 0, max: 40_000 })), {
        minLength: 1,
        maxLength: 8,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
type Schedule = typeof schedules extends fc.Arbitrary<infer T> ? T : never;

const tokens = {
  bearer: async () => ({ token: new Secret('an-old-token'), generation: 1 }),
  renewedBearer: async () => ({ token: new Secret('a-new-token'), generation: 2 }),
  ended: async () => {},
};
const provider = acme({ limits: [{ name: 'default', permits: 3, perMs: 10_000, burst: 2, concurrency: 2 }] });

/** A wire of one call: each request meets the next outcome, late by as much as the schedule says, but ends with its call as the transport does. */
function scheduledWire(clock: VirtualClock, outcomes: Schedule['calls'][number]['outcomes'], seen: Outcome[]): Send {
  return async (_request, { deadline = Number.POSITIVE_INFINITY, signal }) => {
    const [one, late] = outcomes[Math.min(seen.length, outcomes.length - 1)] ?? [OUTCOMES[0] as Outcome, 0];
    seen.push(one);
    const left = deadline - clock.now();
    await clock.sleep(Math.max(0, Math.min(late, left)), signal);
    const answer = late > left ? failed('TIMEOUT') : one.answer();
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

describe('a provider that fails by any schedule', () => {
  it(`${SCHEDULES} schedules: each call ends by its deadline in success or the right error, no unsafe request goes out twice, and repeats stay within the budget`, async () => {
    const clock = virtualClock();
    const store = database(clock.now)();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(schedules, async ({ seed, calls }) => {
        run += 1;
        const budget = retryBudget();
        const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
        const results = calls.map(async ({ repeatable, afterMs, outcomes }) => {
          await clock.sleep(afterMs);
          const began = clock.now();
          const seen: Outcome[] = [];
          const random = seededRandom(seed);
          const transport = scheduledWire(clock, outcomes, seen);
          const parts = { ...{ clock, random, store, transport, budget }, verbosity: 0, log: () => {} };
          const options: Partial<Call> = {
            ...{ repeatable, meter, limits: ['default'], expects: 'json' },
            connection: { account: `run-${run}`, provider: 'acme' },
          };
          const request = { method: 'GET', url: `https://api-${run}.example/v1/items`, headers: {} };
          const ended = await apiClient(
            parts,
            provider,
            tokens,
          )(request, call(options)).then(
            ({ status }) => status,
            (error: unknown) => error,
          );
          return { ended, seen, repeatable, tookMs: clock.now() - began };
        });
        const all = await clock.until(Promise.all(results));
        for (const { ended, seen, repeatable, tookMs } of all) {
          expect(tookMs).toBeLessThanOrEqual(DEFAULT_RETRY.deadlineMs);
          if (ended !== 200) expect(ended).toBeInstanceOf(LwiError);
          // Success is what the last request got, and a refusal that no repeat would change ends the call at once.
          if (ended === 200) expect(seen.at(-1)?.what).toBe('200');
          const last = seen.at(-1)?.what;
          if (last === '404') expect(isLwiError(ended, 'NOT_FOUND', 'TIMEOUT')).toBe(true);
          if (last === '409') expect(isLwiError(ended, 'CONFLICT', 'TIMEOUT')).toBe(true);
          const before = seen.slice(0, -1);
          expect(before.filter(({ what }) => ['200', '404', '409'].includes(what))).toEqual([]);
          // After a request that may have been carried out an unsafe one is never sent again.
          if (!repeatable) expect(before.filter(({ mayBeDone }) => mayBeDone)).toEqual([]);
          // A token is renewed once.
          expect(before.filter(({ what }) => what === '401').length).toBeLessThanOrEqual(seen.length / 2);
        }
        expect(meter.retries).toBeLessThanOrEqual(10 + 0.2 * calls.length);
        const requests = all.reduce((sum, { seen }) => sum + seen.length, 0);
        expect(meter.requests).toBe(requests);
      }),
      { numRuns: SCHEDULES },
    );
  }, 240_000);

  it('spends no more repeats in a run than its budget has, whatever the calls ask for', async () => {
    const clock = virtualClock();
    const store = database(clock.now)();
    const budget = retryBudget();
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const transport: Send = async () => response(500);
    for (let i = 0; i < 20; i++) {
      const parts = { ...{ clock, random: () => 0, store, transport, budget }, verbosity: 0, log: () => {} };
      const request = { method: 'GET', url: `https://down-${i}.example/`, headers: {} };
      await clock.until(apiClient(parts, provider, tokens)(request, call({ meter })).catch(() => {}));
    }
    // Ten, and one for every five calls after the first: what is earned on top of ten is not saved up.
    expect(meter).toMatchObject({ requests: 33, retries: 13 });
  });
});
