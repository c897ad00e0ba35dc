import { expect, test } from 'vitest';
import { createAlarm } from '../../src/alarm.ts';
import { LwiError } from '../../src/errors.ts';
import type { InboxEvent, NewEvent } from '../../src/store/inbox.ts';
import type { Store } from '../../src/store/store.ts';
import { nextTry } from '../../src/sync/event-retry.ts';
import { type InboxWork, type Worked, workInbox } from '../../src/sync/work-inbox.ts';
import { database } from '../http/support.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const KEY = { account: 'a', provider: 'acme' };
const DOWN = new LwiError('SERVER_ERROR', 'down');

function sample(key: string, change: Partial<NewEvent> = {}): NewEvent {
  const plain = { type: 'changed', method: 'POST', path: '/', headers: [], body: new Uint8Array(), receivedAt: 0 };
  return { ...KEY, ...plain, key, ...change };
}

/** An inbox that is worked off on a clock that the test moves. */
function working(
  apply: (events: readonly InboxEvent[], account: string) => Promise<Worked>,
  change: Partial<InboxWork> = {},
) {
  const clock = virtualClock();
  const open = database(clock.now);
  const store: Store = open();
  const stop = new AbortController();
  const alarm = createAlarm(clock);
  const told: string[] = [];
  const troubles: string[] = [];
  const work: InboxWork = {
    ...{ inbox: store, clock, signal: stop.signal, alarm, takes: () => true },
    apply: (key, events) => apply(events, key.account),
    told: ({ key }, { error, dueAt }) => void told.push(`${key} ${error ? (dueAt ? 'again' : error.code) : 'applied'}`),
    trouble: ({ code }) => void troubles.push(code),
    ...change,
  };
  const running = workInbox(work);
  running.catch(() => {});
  return { clock, open, store, stop, alarm, told, troubles, running, work };
}

const all = (error?: LwiError) => async (events: readonly InboxEvent[]) => ({ errors: events.map(() => error) });

test('what waits is applied together, and what comes later too, at once when rung', async () => {
  const sizes: number[] = [];
  const { clock, store, alarm, told } = working(async (events) => {
    sizes.push(events.length);
    return { errors: events.map(() => undefined) };
  });
  await store.acceptEvents(['one', 'two'].map((key) => sample(key)));
  await clock.advance(1000);
  expect(sizes).toEqual([2]);
  await store.acceptEvents([sample('three')]);
  alarm.ring();
  await clock.advance(0);
  expect(told).toEqual(['one applied', 'two applied', 'three applied']);
});

test('a failure is tried again later and later, then it has failed for good', async () => {
  let tries = 0;
  const { clock, store, told } = working(async () => {
    tries += 1;
    return { errors: [DOWN] };
  });
  await store.acceptEvents([sample('one')]);
  await clock.advance(4 * 3_600_000);
  expect(tries).toBe(7);
  expect(told).toEqual([...Array(6).fill('one again'), 'one SERVER_ERROR']);
  expect(await store.inboxCounts()).toMatchObject([{ received: 0, failed: 1 }]);
});

test.each(['RECONNECT_REQUIRED', 'NOT_CONNECTED', 'FORBIDDEN', 'PROVIDER_UNKNOWN', 'INTERNAL'] as const)(
  '%s is not tried again',
  async (code) => {
    const { clock, store, told } = working(async () => Promise.reject(new LwiError(code, 'no')));
    await store.acceptEvents([sample('one')]);
    await clock.advance(86_400_000 / 4);
    expect(told).toEqual([`one ${code}`]);
  },
);

test('what a provider asks for goes before the own schedule', () => {
  const asked = new LwiError('RATE_LIMITED', 'later', { retryAfterMs: 60_000 });
  expect([nextTry(asked, 1, 0), nextTry(DOWN, 1, 0), nextTry(DOWN, 7, 0)]).toEqual([60_000, 5_000, undefined]);
});

test('one connection that is slow holds up no other', async () => {
  const slow = Promise.withResolvers<Worked>();
  const { clock, store, told } = working((events, account) => (account === 'slow' ? slow.promise : all()(events)));
  await store.acceptEvents([sample('one', { account: 'slow' }), sample('two')]);
  await clock.advance(1000);
  await store.acceptEvents([sample('three')]);
  await clock.advance(1000);
  expect(told).toEqual(['two applied', 'three applied']);
  slow.resolve({ errors: [undefined] });
  await clock.advance(1000);
  expect(told).toContain('one applied');
});

test('of two that work on one database, one applies each event, whatever providers each is for', async () => {
  const gate = Promise.withResolvers<void>();
  const batches: string[] = [];
  const applyAs = (name: string) => async (events: readonly InboxEvent[]) => {
    batches.push(...events.map(({ key }) => `${key} ${name}`));
    await gate.promise;
    return { errors: events.map(() => undefined) };
  };
  const one = working(applyAs('one'), { takes: ({ provider }) => provider === 'acme' });
  const stop = new AbortController();
  const two = workInbox({
    ...{ ...one.work, inbox: one.open(), signal: stop.signal, alarm: createAlarm(one.clock), takes: () => true },
    apply: (_, events) => applyAs('two')(events),
  });
  two.catch(() => {});
  await one.store.acceptEvents([sample('a'), sample('b', { provider: 'other' })]);
  await one.clock.advance(3000);
  gate.resolve();
  await one.clock.advance(3000);
  expect(batches.map((each) => each.slice(0, 1)).toSorted()).toEqual(['a', 'b']);
  expect(batches).toContain('b two');
  stop.abort(new Error('over'));
  await expect(two).rejects.toThrow('over');
});

test('a full store is waited out without being hammered; a damaged one ends the work', async () => {
  const full = new LwiError('STORE_FULL', 'full');
  let asked = 0;
  const busy = working(all());
  const dueConnections = async () => {
    asked += 1;
    throw full;
  };
  const inbox = { ...busy.store, dueConnections };
  const stop = new AbortController();
  const work = workInbox({ ...busy.work, inbox, signal: stop.signal, alarm: createAlarm(busy.clock) });
  work.catch(() => {});
  await busy.clock.advance(20_000);
  expect([asked <= 6, asked >= 3, busy.troubles[0]]).toEqual([true, true, 'STORE_FULL']);
  stop.abort(new Error('over'));
  await expect(work).rejects.toThrow('over');

  const damaged = working(async () => Promise.reject(new LwiError('STORE_DAMAGED', 'damaged')));
  await damaged.store.acceptEvents([sample('one')]);
  await damaged.clock.advance(2000);
  await expect(damaged.running).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  expect(await damaged.store.inboxCounts()).toMatchObject([{ received: 1 }]);
});

test('a stop leaves what is not applied where it was', async () => {
  const { clock, store, stop, running } = working(async () => {
    stop.abort(new LwiError('TERMINATED', 'stop'));
    throw stop.signal.reason;
  });
  await store.acceptEvents([sample('one')]);
  await clock.advance(1000);
  await expect(running).rejects.toMatchObject({ code: 'TERMINATED' });
  expect(await store.dueEvents(KEY, clock.now(), 10)).toMatchObject([{ key: 'one', attempts: 0 }]);
});

test('deliveries that were applied a month ago are forgotten', async () => {
  const { clock, store } = working(all());
  await store.acceptEvents([sample('old', { receivedAt: clock.now() })]);
  await clock.advance(1000);
  expect(await store.acceptEvents([sample('old')])).toEqual(['duplicate']);
  clock.jump(31 * 86_400_000);
  await clock.advance(120_000);
  expect(await store.acceptEvents([sample('old')])).toEqual(['new']);
});
