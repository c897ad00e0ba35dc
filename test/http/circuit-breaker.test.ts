import { describe, expect, it } from 'vitest';
import { type ErrorCode, LwiError } from '../../src/errors.ts';
import { circuitBreaker } from '../../src/http/circuit-breaker.ts';
import type { Send } from '../../src/http/http.ts';
import type { Store } from '../../src/store/store.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { call, database, failureOf, REQUEST, response, wire } from './support.ts';

const OK = response(200);
const SCOPE = 'quickbooks/api.acme.example';
const RESET_MS = 30_000;
const down = (code: ErrorCode = 'SERVER_ERROR') => new LwiError(code, 'down', { statusCode: 503 });

function setup() {
  const clock = virtualClock();
  const open = database(clock.now);
  const breaker = (store: Store, send: Send) => circuitBreaker({ store, now: clock.now })(send);
  const fail = async (store: Store, times: number, error: Error = down()) => {
    for (let i = 0; i < times; i++) await failureOf(breaker(store, wire(error).send)(REQUEST, call()));
  };
  return { clock, open, store: open(), breaker, fail };
}

describe('the circuit breaker', () => {
  it('keeps the token endpoint apart from the API: a grant just given is not stopped by it', async () => {
    const { store, breaker, fail } = setup();
    await fail(store, 5);
    const { send, requests } = wire(OK);
    expect(await breaker(store, send)(REQUEST, call({ raw: true }))).toBe(OK);
    expect(requests).toHaveLength(1);
  });

  it('opens after five failures in a row, and then sends nothing', async () => {
    const { store, breaker, fail, clock } = setup();
    await fail(store, 4);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 4 });
    await fail(store, 1);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'open', failures: 5, since: clock.now() });
    const { send, requests } = wire(OK);
    const error = await failureOf(breaker(store, send)(REQUEST, call()));
    expect(error).toMatchObject({
      code: 'CIRCUIT_OPEN',
      message: `${SCOPE} failed 5 times; the next try may go in 30s.`,
      facts: { provider: 'quickbooks', retryAfterMs: RESET_MS },
    });
    expect(requests).toEqual([]);
  });

  it('opens when half of the calls since the first failure have failed, and not before', async () => {
    const { store, breaker, fail } = setup();
    const succeed = async (times: number) => {
      for (let i = 0; i < times; i++) await breaker(store, wire(OK).send)(REQUEST, call());
    };
    // Before the first failure nothing is counted.
    await succeed(100);
    await fail(store, 4);
    await succeed(6);
    await fail(store, 1);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 5, successes: 6 });
    await fail(store, 1);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'open', failures: 6, successes: 6 });
  });

  it('begins a new window a minute after the first failure, once the provider has answered well', async () => {
    const { store, breaker, fail, clock } = setup();
    await fail(store, 4);
    await breaker(store, wire(OK).send)(REQUEST, call());
    await clock.advance(60_001);
    await fail(store, 4);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 4, successes: 0 });
    await clock.advance(60_001);
    await breaker(store, wire(OK).send)(REQUEST, call());
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 0, successes: 0 });
  });

  it('counts failures in a row together however far apart they are: each may have been a timeout', async () => {
    const { store, fail, clock } = setup();
    for (let i = 0; i < 5; i++) {
      await fail(store, 1, new LwiError('TIMEOUT', 'down'));
      await clock.advance(150_000);
    }
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'open' });
  });

  it.each<ErrorCode>(['SERVER_ERROR', 'NETWORK', 'TIMEOUT', 'BAD_RESPONSE'])(
    '%s counts against the provider',
    async (code) => {
      const { store, fail } = setup();
      await fail(store, 5, new LwiError(code, 'down'));
      expect(await store.circuit(SCOPE)).toMatchObject({ state: 'open' });
    },
  );

  it.each<ErrorCode>(['NOT_FOUND', 'RATE_LIMITED', 'UNAUTHORIZED', 'VALIDATION_FAILED', 'PROVIDER_REFUSED'])(
    '%s is an answer, so the provider is well',
    async (code) => {
      const { store, fail } = setup();
      await fail(store, 4);
      await fail(store, 1, new LwiError(code, 'no', { statusCode: 400 }));
      expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 4, successes: 1 });
    },
  );

  it.each([
    ['a locked database', new LwiError('STORE_LOCKED', 'locked')],
    ['a limit that leaves no room', new LwiError('RATE_LIMITED', 'held', { unsent: true })],
    ['a defect', new TypeError('x')],
  ])('%s says nothing about the provider', async (_name, error) => {
    const { store, fail, clock } = setup();
    await fail(store, 4);
    await fail(store, 3, error);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 4 });
    await fail(store, 1);
    await clock.advance(RESET_MS);
    await fail(store, 1, error);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'half-open' });
  });

  it('a stop by the person says nothing about the provider either', async () => {
    const { store, breaker } = setup();
    const person = new AbortController();
    const send = async () => {
      person.abort(down());
      throw down();
    };
    for (let i = 0; i < 6; i++) await failureOf(breaker(store, send)(REQUEST, call({ signal: person.signal })));
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('is shared by all processes', async () => {
    const { open, store, breaker, fail } = setup();
    const other = open();
    await fail(store, 3);
    await fail(other, 2);
    const { send, requests } = wire(OK);
    expect(await failureOf(breaker(store, send)(REQUEST, call()))).toMatchObject({ code: 'CIRCUIT_OPEN' });
    expect(requests).toEqual([]);
  });

  it('is one for each host, because one may be down while another works', async () => {
    const { store, breaker, fail } = setup();
    await fail(store, 5);
    const elsewhere = { ...REQUEST, url: 'https://id.acme.example/token' };
    expect(await breaker(store, wire(OK).send)(elsewhere, call())).toBe(OK);
  });

  it('sends one probe among all processes when the time has come', async () => {
    const { open, store, breaker, fail, clock } = setup();
    await fail(store, 5);
    await clock.advance(RESET_MS);
    let sent = 0;
    let answer = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow: Send = async () => {
      sent += 1;
      await arrived;
      return OK;
    };
    const stores = [store, open(), open(), open()];
    const calls = stores.map((each) =>
      breaker(each, slow)(REQUEST, call()).then(
        () => 'answered',
        (error) => error.code,
      ),
    );
    await clock.advance(0);
    answer();
    expect((await Promise.all(calls)).sort()).toEqual(['CIRCUIT_OPEN', 'CIRCUIT_OPEN', 'CIRCUIT_OPEN', 'answered']);
    expect(sent).toBe(1);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'closed', failures: 0 });
  });

  it('opens again when the probe fails, for the whole time', async () => {
    const { store, breaker, fail, clock } = setup();
    await fail(store, 5);
    await clock.advance(RESET_MS);
    await fail(store, 1);
    expect(await store.circuit(SCOPE)).toMatchObject({ state: 'open', failures: 6, since: clock.now() });
    await clock.advance(RESET_MS - 1);
    expect(await failureOf(breaker(store, wire(OK).send)(REQUEST, call()))).toMatchObject({ code: 'CIRCUIT_OPEN' });
  });

  it('lets another probe go when the process with the first one died', async () => {
    const { store, breaker, fail, clock } = setup();
    await fail(store, 5);
    await clock.advance(RESET_MS);
    void breaker(store, () => new Promise(() => {}))(REQUEST, call());
    await clock.advance(RESET_MS);
    expect(await breaker(store, wire(OK).send)(REQUEST, call())).toBe(OK);
  });

  it('does not stay open for years when the clock was set back', async () => {
    const { store, breaker, fail, clock } = setup();
    await fail(store, 5);
    clock.jump(-10 * 365 * 86_400_000);
    expect(await breaker(store, wire(OK).send)(REQUEST, call())).toBe(OK);
  });
});
