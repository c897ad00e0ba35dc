import { describe, expect, it } from 'vitest';
import { withRefreshLease } from '../../src/oauth/refresh-lease.ts';
import type { Store } from '../../src/store/store.ts';
import { database, failureOf, KEY } from '../http/support.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

const NAME = 'refresh:acme/quickbooks';
const nobody = async () => undefined;

function setup() {
  const clock = virtualClock();
  const open = database(clock.now);
  const store = open();
  const hold = (owner: string, ms: number, what = 'done', on: Store = store) =>
    lease(on, clock, owner, async () => {
      await clock.sleep(ms);
      return what;
    });
  return { clock, open, store, hold };
}

function lease<T>(
  store: Store,
  clock: VirtualClock,
  owner: string,
  work: () => Promise<T>,
  joined: () => Promise<T | undefined> = nobody,
  signal = new AbortController().signal,
) {
  return withRefreshLease({ store, clock, owner }, KEY, signal, joined, work);
}

describe('the refresh lease', () => {
  it('lets one process work at a time', async () => {
    const { clock, open } = setup();
    const inside: string[] = [];
    const work = (name: string) => async () => {
      inside.push(`${name} in`);
      await clock.sleep(1000);
      inside.push(`${name} out`);
      return name;
    };
    const both = Promise.all([lease(open(), clock, 'a', work('a')), lease(open(), clock, 'b', work('b'))]);
    expect(await clock.until(both)).toEqual(['a', 'b']);
    expect(inside).toEqual(['a in', 'a out', 'b in', 'b out']);
  });

  it('keeps two uses in one process apart as well', async () => {
    const { clock, hold } = setup();
    const order: string[] = [];
    const note = (what: string) => order.push(what);
    await clock.until(Promise.all([hold('same', 500, 'first').then(note), hold('same', 10, 'second').then(note)]));
    expect(order).toEqual(['first', 'second']);
  });

  it('is held by heartbeats through work that takes longer than its term', async () => {
    const { clock, open, hold } = setup();
    const order: string[] = [];
    const note = (what: string) => order.push(what);
    const slow = hold('a', 40_000, 'slow').then(note);
    await clock.advance(0);
    await clock.until(Promise.all([slow, hold('b', 1, 'next', open()).then(note)]));
    expect(order).toEqual(['slow', 'next']);
  });

  it('is lost by a dead holder after its term', async () => {
    const { clock, store, hold } = setup();
    await store.acquireLease(NAME, 'dead', 15_000);
    const began = clock.now();
    expect(await clock.until(hold('b', 0))).toBe('done');
    expect(clock.now() - began).toBeGreaterThanOrEqual(15_000);
    expect(clock.now() - began).toBeLessThan(15_200);
  });

  it('is given back when the work fails', async () => {
    const { clock, store, hold } = setup();
    const failing = lease(store, clock, 'a', () => Promise.reject(new Error('no')));
    expect(await failureOf(clock.until(failing))).toEqual(new Error('no'));
    const began = clock.now();
    await clock.until(hold('b', 0));
    expect(clock.now()).toBe(began);
  });

  it('is not waited for any longer when somebody else has done the work', async () => {
    const { clock, store, hold } = setup();
    const slow = hold('a', 10_000);
    await clock.advance(0);
    let looks = 0;
    const joined = async () => (++looks === 3 ? 'theirs' : undefined);
    const joiner = lease(store, clock, 'b', async () => 'mine', joined);
    expect(await clock.until(joiner)).toBe('theirs');
    await clock.until(slow);
  });

  it('is not waited for longer than 45 s; without it nothing is done', async () => {
    const { clock, store, hold } = setup();
    const slow = hold('4711@host', 60_000);
    await clock.advance(0);
    let done = false;
    const waiter = lease(store, clock, 'b', async () => {
      done = true;
    });
    const error = await failureOf(clock.until(waiter));
    expect(error).toMatchObject({
      code: 'LEASE_BUSY',
      retryable: true,
      exitCode: 5,
      message: expect.stringMatching(/^4711@host.* is still refreshing acme\/quickbooks\.$/),
    });
    expect([done, clock.slept.filter((ms) => ms === 50).length]).toEqual([false, 900]);
    await clock.until(slow);
  });

  it('stops waiting when the person stops', async () => {
    const { clock, store, hold } = setup();
    const person = new AbortController();
    const slow = hold('a', 10_000);
    await clock.advance(0);
    const waiter = failureOf(lease(store, clock, 'b', async () => 'mine', nobody, person.signal));
    await clock.advance(250);
    person.abort(new Error('stopped'));
    expect(await waiter).toEqual(new Error('stopped'));
    await clock.until(slow);
  });
});
