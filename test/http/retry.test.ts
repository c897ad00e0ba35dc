import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, LwiError } from '../../src/errors.ts';
import type { CallMeter } from '../../src/http/http.ts';
import { backoffMs, DEFAULT_RETRY, type RetryPolicy, retry } from '../../src/http/retry.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';
import { call, failureOf, REQUEST, response, wire } from './support.ts';

const trouble = (code: ErrorCode = 'SERVER_ERROR', facts = {}) => new LwiError(code, 'trouble', facts);
const OK = response(200);
const half = () => 0.5;

describe('retry', () => {
  it('repeats a retryable failure until an answer comes', async () => {
    const clock = virtualClock();
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const { send, requests } = wire(trouble(), trouble('NETWORK'), OK);
    const answer = await clock.until(retry({ clock, random: half })(send)(REQUEST, call({ meter })));
    expect(answer).toBe(OK);
    expect(requests).toEqual([REQUEST, REQUEST, REQUEST]);
    expect(clock.slept).toEqual([500, 1000]);
    expect(meter.retries).toBe(2);
  });

  it('ends with the last failure after five tries', async () => {
    const clock = virtualClock();
    const { send, requests } = wire(trouble(), trouble(), trouble(), trouble(), trouble('TIMEOUT'), OK);
    const error = await failureOf(clock.until(retry({ clock, random: half })(send)(REQUEST, call())));
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(requests).toHaveLength(5);
  });

  it('asks before it sends again, and what that throws ends it', async () => {
    const clock = virtualClock();
    const { send, requests } = wire(trouble(), OK);
    const beforeRepeat = () => Promise.reject(trouble('LEASE_BUSY'));
    const error = await failureOf(clock.until(retry({ clock, random: half })(send)(REQUEST, call({ beforeRepeat }))));
    expect([error, requests.length]).toMatchObject([{ code: 'LEASE_BUSY' }, 1]);
  });

  it('ends a wait by whoever has no patience, and never an attempt', async () => {
    const clock = virtualClock();
    const { send, requests } = wire(OK, trouble(), OK);
    const patience = AbortSignal.abort(trouble('TERMINATED'));
    const sent = () => retry({ clock, random: half })(send)(REQUEST, call({ patience }));
    expect(await clock.until(sent())).toBe(OK);
    expect(await failureOf(clock.until(sent()))).toMatchObject({ code: 'TERMINATED' });
    expect(requests).toHaveLength(2);
  });

  it('keeps attempts and delay apart: a delay of nothing does not stop it', async () => {
    const clock = virtualClock();
    const { send, requests } = wire(trouble(), OK);
    await clock.until(retry({ clock, random: () => 0 })(send)(REQUEST, call()));
    expect(clock.slept).toEqual([0]);
    expect(requests).toHaveLength(2);
  });

  it('waits as long as a Retry-After that is longer than its own delay, and no shorter for one that is not', async () => {
    const clock = virtualClock();
    const { send } = wire(
      trouble('RATE_LIMITED', { retryAfterMs: 90_000 }),
      trouble('RATE_LIMITED', { retryAfterMs: 1 }),
      OK,
    );
    await clock.until(retry({ clock, random: half })(send)(REQUEST, call()));
    expect(clock.slept).toEqual([90_000, 1000]);
  });

  it('gives up at once when the Retry-After lies behind the deadline', async () => {
    const clock = virtualClock();
    const { send, requests } = wire(trouble('RATE_LIMITED', { retryAfterMs: DEFAULT_RETRY.deadlineMs + 1 }), OK);
    const error = await failureOf(retry({ clock, random: half })(send)(REQUEST, call()));
    expect(error).toMatchObject({ code: 'RATE_LIMITED' });
    expect([requests.length, clock.slept]).toEqual([1, []]);
  });

  it('tells every attempt when the call must have ended', async () => {
    const clock = virtualClock();
    const { send, calls } = wire(trouble(), OK);
    await clock.until(retry({ clock, random: half })(send)(REQUEST, call()));
    expect(calls.map(({ deadline }) => deadline)).toEqual([START + 300_000, START + 300_000]);
  });

  it.each<[string, LwiError]>([
    ['a server error', trouble('SERVER_ERROR')],
    ['a timeout', trouble('TIMEOUT')],
    ['a connection that broke', trouble('NETWORK')],
    ['an unreadable answer', trouble('BAD_RESPONSE')],
  ])('does not repeat an unsafe call after %s, because it may have been done', async (_name, error) => {
    const { send, requests } = wire(error, OK);
    const work = retry({ clock: virtualClock(), random: half })(send)(REQUEST, call({ repeatable: false }));
    expect(await failureOf(work)).toBe(error);
    expect(requests).toHaveLength(1);
  });

  it.each<[string, LwiError]>([
    ['was never sent', trouble('NETWORK', { unsent: true })],
    ['was refused for the rate limit', trouble('RATE_LIMITED')],
  ])('repeats even an unsafe call that %s', async (_name, error) => {
    const clock = virtualClock();
    const { send } = wire(error, OK);
    const work = retry({ clock, random: half })(send)(REQUEST, call({ repeatable: false }));
    expect(await clock.until(work)).toBe(OK);
  });

  it.each<ErrorCode>(['BAD_REQUEST', 'UNAUTHORIZED', 'NOT_FOUND', 'RECONNECT_REQUIRED', 'CIRCUIT_OPEN', 'LEASE_BUSY'])(
    'does not repeat after %s',
    async (code) => {
      const { send, requests } = wire(trouble(code), OK);
      await failureOf(retry({ clock: virtualClock(), random: half })(send)(REQUEST, call()));
      expect(requests).toHaveLength(1);
    },
  );

  it('does not repeat a defect', async () => {
    const { send, requests } = wire(new TypeError('x is not a function'), OK);
    await failureOf(retry({ clock: virtualClock(), random: half })(send)(REQUEST, call()));
    expect(requests).toHaveLength(1);
  });

  it('stops in the middle of a wait', async () => {
    const clock = virtualClock();
    const person = new AbortController();
    const { send, requests } = wire(trouble(), OK);
    const work = failureOf(retry({ clock, random: half })(send)(REQUEST, call({ signal: person.signal })));
    await clock.advance(100);
    person.abort(new Error('stopped'));
    expect(await work).toEqual(new Error('stopped'));
    expect(requests).toHaveLength(1);
  });
});

const policies = fc.record<RetryPolicy>({
  attempts: fc.integer({ min: 1, max: 30 }),
  baseDelayMs: fc.integer({ min: 0, max: 10_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 100_000 }),
  deadlineMs: fc.integer({ min: 0, max: 1_000_000 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('is full jitter under the cap, never above it', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 2000 }), chance, (policy, attempt, random) => {
        const delay = backoffMs(policy, attempt, () => random);
        const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(attempt - 1, 50));
        expect(delay).toBe(random * ceiling);
        expect(delay).toBeLessThanOrEqual(policy.maxDelayMs);
      }),
    );
  });

  it('doubles from a second to a minute by default', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(DEFAULT_RETRY, attempt, () => 1));
    expect(ceilings).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('never starts an attempt behind the deadline, whatever the provider asks for', async () => {
    const asked = fc.array(fc.option(fc.integer({ min: 0, max: 400_000 }), { nil: undefined }), { minLength: 30 });
    await fc.assert(
      fc.asyncProperty(policies, chance, asked, async (policy, random, waits) => {
        const clock = virtualClock();
        const starts: number[] = [];
        const send = async () => {
          starts.push(clock.now() - START);
          throw trouble('RATE_LIMITED', { retryAfterMs: waits[starts.length - 1] });
        };
        const layer = retry({ clock, random: () => random, policy });
        await failureOf(clock.until(layer(send)(REQUEST, call())));
        expect(starts.length).toBeLessThanOrEqual(policy.attempts);
        expect(clock.now() - START).toBeLessThanOrEqual(policy.deadlineMs);
        for (const [at, start] of starts.slice(1).entries()) {
          expect(start - (starts[at] ?? 0)).toBeGreaterThanOrEqual(waits[at] ?? 0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
