import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { CallMeter } from '../../src/http/http.ts';
import { rateLimit } from '../../src/http/rate-limit.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Store } from '../../src/store/store.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';
import { acme, call, database, failureOf, REQUEST, response, wire } from './support.ts';

const OK = response(200);
const provider: Provider = acme({
  limits: [
    { name: 'second', permits: 2, perMs: 1000, burst: 2, concurrency: 2 },
    { name: 'minute', permits: 3, perMs: 60_000, burst: 3, concurrency: 2 },
  ],
});

function setup() {
  const clock = virtualClock();
  const open = database(clock.now);
  /** Sends `times` one after the other; when each went out, in tenths of a second from the start, because the store keeps a margin. */
  const sendTimes = async (store: Store, times: number, limits: readonly string[]) => {
    const sent: number[] = [];
    const layer = rateLimit({ store, clock, provider })(async () => {
      sent.push(Math.floor((clock.now() - START) / 100) * 100);
      return OK;
    });
    for (let i = 0; i < times; i++) await clock.until(layer(REQUEST, call({ limits })));
    return sent;
  };
  return { clock, open, store: open(), sendTimes };
}

describe('the rate limit', () => {
  it('sends within the limit and waits beyond it', async () => {
    const { store, sendTimes } = setup();
    expect(await sendTimes(store, 4, ['second'])).toEqual([0, 0, 1000, 1000]);
  });

  it('waits for the strictest of several limits', async () => {
    const { store, sendTimes } = setup();
    const times = await sendTimes(store, 4, ['second', 'minute']);
    expect(times.slice(0, 3)).toEqual([0, 0, 1000]);
    expect(times[3]).toBeGreaterThanOrEqual(60_000);
  });

  it('counts each bucket of a rule by itself', async () => {
    const { store, sendTimes } = setup();
    expect(await sendTimes(store, 2, ['second:users.list'])).toEqual([0, 0]);
    expect(await sendTimes(store, 2, ['second:team.info'])).toEqual([0, 0]);
  });

  it('is shared by all processes', async () => {
    const { store, open, sendTimes } = setup();
    expect(await sendTimes(store, 2, ['second'])).toEqual([0, 0]);
    expect(await sendTimes(open(), 1, ['second'])).toEqual([1000]);
  });

  it('tells the run how long it was held up', async () => {
    const { clock, store } = setup();
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const layer = rateLimit({ store, clock, provider })(wire(OK).send);
    for (let i = 0; i < 3; i++) await clock.until(layer(REQUEST, call({ limits: ['second'], meter })));
    expect(meter.throttledMs).toBe(clock.now() - START);
    expect(meter.throttledMs).toBeGreaterThanOrEqual(1000);
  });

  it('waits in a way that can be stopped', async () => {
    const { clock, store } = setup();
    const person = new AbortController();
    const { send, requests } = wire(OK);
    const layer = rateLimit({ store, clock, provider })(send);
    const limited = call({ limits: ['second'], signal: person.signal });
    await layer(REQUEST, limited);
    await layer(REQUEST, limited);
    const third = failureOf(layer(REQUEST, limited));
    await clock.advance(10);
    person.abort(new Error('stopped'));
    expect(await third).toEqual(new Error('stopped'));
    expect(requests).toHaveLength(2);
  });

  it('holds everybody for as long as the provider asks in a 429', async () => {
    const { clock, store, open, sendTimes } = setup();
    const throttled = new LwiError('RATE_LIMITED', 'slow down', { retryAfterMs: 20_000 });
    const layer = rateLimit({ store, clock, provider })(wire(throttled).send);
    expect(await failureOf(layer(REQUEST, call({ limits: ['second'] })))).toBe(throttled);
    expect(await sendTimes(open(), 1, ['second'])).toEqual([20_000]);
  });

  it('holds everybody also where nothing else limits the calls', async () => {
    const { clock, store, open, sendTimes } = setup();
    const throttled = new LwiError('RATE_LIMITED', 'slow down', { retryAfterMs: 20_000 });
    await failureOf(rateLimit({ store, clock, provider })(wire(throttled).send)(REQUEST, call()));
    expect(await sendTimes(open(), 1, [])).toEqual([20_000]);
  });

  it('does not sleep through a wait that is longer than the call may last, but says when to come back', async () => {
    const { clock, store } = setup();
    const throttled = new LwiError('RATE_LIMITED', 'slow down', { retryAfterMs: 3_600_000 });
    const { send, requests } = wire(throttled);
    const layer = rateLimit({ store, clock, provider })(send);
    await failureOf(layer(REQUEST, call({ limits: ['second'] })));
    const error = await failureOf(layer(REQUEST, call({ limits: ['second'], deadline: START + 300_000 })));
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'Acme can take the next request in 1h, by its limits or its own word.',
      facts: { provider: 'acme', account: 'acme', retryAfterMs: 3_600_000, unsent: true },
    });
    expect([requests.length, clock.now()]).toEqual([1, START]);
  });

  it('tells each attempt how long it waited, and says so aloud when it will be long', async () => {
    const { clock, store } = setup();
    const notes: string[] = [];
    const { send, calls } = wire(OK);
    const layer = rateLimit({ store, clock, provider, note: (line) => notes.push(line) })(send);
    for (let i = 0; i < 4; i++) await clock.until(layer(REQUEST, call({ limits: ['second', 'minute'] })));
    const waits = calls.map(({ waitedMs = -1 }) => Math.floor(waitedMs / 1000));
    expect(waits).toEqual([0, 0, 1, 59]);
    expect(notes).toEqual(['Acme can take the next request in 59s.']);
  });

  it('leaves everybody alone for a whole window when a provider refuses for its rate and does not say for how long', async () => {
    const { clock, store, open, sendTimes } = setup();
    const layer = rateLimit({ store, clock, provider })(wire(new LwiError('RATE_LIMITED', 'slow down')).send);
    const error = await failureOf(layer(REQUEST, call({ limits: ['second'] })));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', facts: { retryAfterMs: 1000 } });
    expect(await sendTimes(open(), 1, ['second'])).toEqual([1000]);
  });

  it('obeys a Retry-After of a provider that is down, too', async () => {
    const { clock, store, open, sendTimes } = setup();
    const down = new LwiError('SERVER_ERROR', 'maintenance', { statusCode: 503, retryAfterMs: 7000 });
    await failureOf(rateLimit({ store, clock, provider })(wire(down).send)(REQUEST, call({ limits: ['second'] })));
    expect(await sendTimes(open(), 1, ['second'])).toEqual([7000]);
  });

  it('uses the share of the limits that it was given', async () => {
    const { clock, store } = setup();
    const sent: number[] = [];
    const wide = acme({ limits: [{ name: 'second', permits: 10, perMs: 1000, burst: 10, concurrency: 10 }] });
    const layer = rateLimit({ store, clock, provider: wide, share: 0.25 })(async () => {
      sent.push(Math.floor((clock.now() - START) / 1000));
      return OK;
    });
    for (let i = 0; i < 6; i++) await clock.until(layer(REQUEST, call({ limits: ['second'] })));
    expect(sent).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('lets the more urgent go first', async () => {
    const { clock, store } = setup();
    const order: string[] = [];
    const single = acme({ limits: [{ name: 'second', permits: 1, perMs: 1000, burst: 1, concurrency: 1 }] });
    const layer = rateLimit({ store, clock, provider: single })(async (_request, { purpose }) => {
      order.push(purpose);
      return OK;
    });
    const asked = (['backfill', 'sync', 'interactive', 'webhook', 'backfill', 'sync'] as const).map((priority, at) =>
      layer(REQUEST, call({ limits: ['second'], priority, purpose: `${priority} ${at}` })),
    );
    await clock.until(Promise.all(asked));
    // The first one came alone.
    expect(order).toEqual(['backfill 0', 'interactive 2', 'webhook 3', 'sync 1', 'sync 5', 'backfill 4']);
  });

  it('wakes whoever waits in this process as soon as another request has landed', async () => {
    const { clock, store } = setup();
    const narrow = acme({ limits: [{ name: 'second', permits: 100, perMs: 1000, burst: 100, concurrency: 1 }] });
    let land = (): void => {};
    const first = new Promise<void>((resolve) => {
      land = resolve;
    });
    const sent: number[] = [];
    const layer = rateLimit({ store, clock, provider: narrow })(async () => {
      sent.push(clock.now() - START);
      if (sent.length === 1) await first;
      return OK;
    });
    const both = [layer(REQUEST, call({ limits: ['second'] })), layer(REQUEST, call({ limits: ['second'] }))];
    await clock.advance(40);
    expect(sent).toEqual([0]);
    land();
    // No time passes: nothing but the landing can wake it.
    await Promise.all(both);
    expect(sent).toEqual([0, 40]);
  });

  it('lets calls without a connection and unknown limits pass', async () => {
    const { clock, store } = setup();
    const { send, requests } = wire(OK);
    const layer = rateLimit({ store, clock, provider })(send);
    const { connection: _none, ...anonymous } = call({ limits: ['second'] });
    for (let i = 0; i < 5; i++) await layer(REQUEST, anonymous);
    for (let i = 0; i < 5; i++) await layer(REQUEST, call({ limits: ['no-such-limit'] }));
    expect([requests.length, clock.slept]).toEqual([10, []]);
  });
});
