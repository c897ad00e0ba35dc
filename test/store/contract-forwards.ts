import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/store/inbox.ts';
import type { EventFilter, EventStanding } from '../../src/store/inbox-reading.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { sampleEvent } from './contract-inbox.ts';
import { KEY, NOW } from './sample-rows.ts';

const OTHER = { account: 'other', provider: 'quickbooks' };
const TARGET = 'http://127.0.0.1:3000/hooks';
const ELSEWHERE = 'http://127.0.0.1:4000/';
const GOOD = { startedAt: NOW + 1, tookMs: 12, status: 200 };
const BAD = { startedAt: NOW + 1, tookMs: 3, error: 'connection refused' };

const kept = (key: string, change: Partial<NewEvent> = {}): NewEvent =>
  sampleEvent(key, { kept: true, forwardTo: [TARGET], ...change });

/** Forwarding and looking at the inbox: each event to each of its targets, with every attempt written down. */
export function describeForwards(database: () => Promise<Opened>): void {
  const opened = async () => (await database())();
  const standings = async (store: Store, of: EventFilter = {}) =>
    (await store.events({ ...of, order: 'oldest', limit: 100 })).map(({ key, standing }) => [key, standing]);

  describe('forwards', () => {
    test('an event waits for each of its targets, once, whoever else has it', async () => {
      const store = await opened();
      const batch = [kept('one', { forwardTo: [TARGET, ELSEWHERE] }), kept('one'), sampleEvent('two')];
      expect(await store.acceptEvents(batch)).toEqual(['new', 'duplicate', 'new']);
      expect(await store.takeForwards(TARGET, NOW - 1, 10)).toEqual([]);
      const taken = await store.takeForwards(TARGET, NOW, 10);
      expect(taken).toMatchObject([{ key: 'one', target: TARGET, attempt: 1, body: sampleEvent('one').body }]);
      expect(taken[0]?.headers).toEqual(sampleEvent('one').headers);
      expect(await store.takeForwards(TARGET, NOW, 10)).toEqual([]);
      expect(await store.nextForwardAt(TARGET)).toBeUndefined();
      expect(await store.nextForwardAt(ELSEWHERE)).toBe(NOW);
      expect(await store.takeForwards(ELSEWHERE, NOW, 10)).toHaveLength(1);
    });

    test('an event counts once, however much is to happen with it', async () => {
      const store = await opened();
      const both = [TARGET, ELSEWHERE];
      await store.acceptEvents([sampleEvent('one', { forwardTo: both }), kept('two', { forwardTo: both })]);
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 2, failed: 0, oldestAt: NOW }]);
      for (const { event, target } of await store.takeForwards(TARGET, NOW, 10)) {
        await store.finishForwards([{ event, target, ...BAD, state: 'failed' }]);
      }
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 2, failed: 0, oldestAt: NOW }]);
      for (const { event, target } of await store.takeForwards(ELSEWHERE, NOW, 10)) {
        await store.finishForwards([{ event, target, ...GOOD, state: 'delivered' }]);
      }
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 1, failed: 1, oldestAt: NOW }]);
    });

    test('kept events are nobody’s to apply', async () => {
      const store = await opened();
      await store.acceptEvents([kept('one', { failed: 'no connection', forwardTo: [] })]);
      expect(await store.dueConnections(NOW)).toEqual([]);
      expect(await store.inboxCounts()).toEqual([]);
      expect(await standings(store)).toEqual([['one', 'received']]);
    });

    test('attempts lead from received over delivering to delivered or failed, and stand in their order', async () => {
      const store = await opened();
      await store.acceptEvents(['one', 'two'].map((key) => kept(key)));
      const [one, two] = await store.takeForwards(TARGET, NOW, 10);
      const of = (event = one) => ({ event: event?.event ?? 0, target: TARGET });
      expect(await standings(store)).toEqual(['one', 'two'].map((key) => [key, 'delivering']));
      await store.finishForwards([
        { ...of(), ...BAD, state: 'received', dueAt: NOW + 500 },
        { ...of(two), ...GOOD, status: 410, error: 'gone', state: 'failed' },
      ]);
      expect(await standings(store)).toEqual([...[['one', 'delivering']], ['two', 'failed']]);
      expect(await store.nextForwardAt(TARGET)).toBe(NOW + 500);
      expect(await store.takeForwards(TARGET, NOW + 499, 10)).toEqual([]);
      expect(await store.takeForwards(TARGET, NOW + 500, 10)).toMatchObject([{ key: 'one', attempt: 2 }]);
      expect(await store.forwardCounts()).toEqual([{ ...KEY, target: TARGET, waiting: 1, failed: 1, oldestAt: NOW }]);
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 1, failed: 1, oldestAt: NOW }]);
      await store.finishForwards([{ ...of(), ...GOOD, state: 'delivered' }]);
      // What has ended is not ended again.
      await store.finishForwards([{ ...of(), ...BAD, state: 'failed' }]);
      expect(await standings(store)).toEqual([...[['one', 'delivered']], ['two', 'failed']]);
      expect(await store.eventAttempts(one?.event ?? 0)).toEqual([
        { target: TARGET, attempt: 1, ...BAD, status: undefined },
        { target: TARGET, attempt: 2, ...GOOD, error: undefined },
      ]);
      const [listed] = await store.events({ order: 'oldest', limit: 1 });
      expect(listed?.forwards).toEqual([
        { target: TARGET, state: 'delivered', attempts: 2, dueAt: undefined, lastError: undefined },
      ]);
    });

    test('what a process was sending when it died waits again at once, as an attempt without an end', async () => {
      const open = await database();
      const [dead, next] = [await open(), await open()];
      await dead.acceptEvents([kept('one')]);
      const [taken] = await dead.takeForwards(TARGET, NOW, 10);
      expect(await next.recoverForwards(ELSEWHERE, NOW + 5)).toBe(0);
      expect(await next.recoverForwards(TARGET, NOW + 5)).toBe(1);
      expect(await next.takeForwards(TARGET, NOW + 5, 10)).toMatchObject([{ key: 'one', attempt: 2 }]);
      expect(await next.eventAttempts(taken?.event ?? 0)).toEqual([
        ...[{ target: TARGET, attempt: 1, startedAt: NOW, tookMs: undefined, status: undefined }].map((attempt) => ({
          ...attempt,
          error: expect.stringContaining('ended while it was sending'),
        })),
        { target: TARGET, attempt: 2, startedAt: NOW + 5, tookMs: undefined, status: undefined, error: 'under way' },
      ]);
    });

    test('what was put off is due at once when it is hastened, for this target alone', async () => {
      const store = await opened();
      await store.acceptEvents([kept('one', { receivedAt: NOW + 900, forwardTo: [TARGET, ELSEWHERE] })]);
      await store.hastenForwards(TARGET, NOW);
      expect(await store.nextForwardAt(TARGET)).toBe(NOW);
      expect(await store.nextForwardAt(ELSEWHERE)).toBe(NOW + 900);
    });

    test('one at a time sends to a target', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      const hold = await one.holdTarget(TARGET);
      expect(await two.holdTarget(TARGET)).toBeUndefined();
      const other = await two.holdTarget(ELSEWHERE);
      await hold?.release();
      const again = await two.holdTarget(TARGET);
      expect(again).toBeDefined();
      for (const each of [other, again]) await each?.release();
    });

    test('a replay that arrives settles what had failed there, and elsewhere or waiting only when it is told to', async () => {
      const store = await opened();
      await store.acceptEvents([kept('one', { forwardTo: [TARGET, ELSEWHERE] })]);
      const [taken] = await store.takeForwards(TARGET, NOW, 10);
      const event = taken?.event ?? 0;
      await store.finishForwards([{ event, target: TARGET, ...BAD, state: 'failed' }]);
      const replay = { event, target: 'http://127.0.0.1:9/' };
      await store.noteReplay({ ...replay, ...GOOD, settles: 'failed', status: 500, error: 'HTTP 500' });
      await store.noteReplay({ ...replay, ...GOOD });
      expect(await standings(store)).toEqual([['one', 'failed']]);
      await store.noteReplay({ ...replay, ...GOOD, target: TARGET });
      expect(await standings(store)).toEqual([['one', 'received']]);
      await store.noteReplay({ ...replay, ...GOOD, settles: 'failed' });
      expect(await standings(store)).toEqual([['one', 'received']]);
      await store.noteReplay({ ...replay, ...GOOD, settles: 'waiting' });
      expect(await standings(store)).toEqual([['one', 'delivered']]);
      expect((await store.eventAttempts(event)).map(({ attempt, status }) => [attempt, status])).toEqual([
        ...[[1, undefined]],
        ...[500, 200, 200, 200, 200].map((status) => [undefined, status]),
      ]);
      await store.noteReplay({ ...replay, ...GOOD, event: event + 1000 });
    });

    test('what could not be applied counts as delivered where a replay of what failed has brought it', async () => {
      const store = await opened();
      await store.acceptEvents([sampleEvent('one', { failed: 'no connection' })]);
      const [listed] = await store.events({ order: 'oldest', limit: 1 });
      const replay = { event: listed?.event ?? 0, target: TARGET, ...GOOD };
      await store.noteReplay(replay);
      expect(await standings(store)).toEqual([['one', 'failed']]);
      await store.noteReplay({ ...replay, settles: 'failed' });
      expect(await standings(store)).toEqual([['one', 'delivered']]);
      expect(await store.inboxCounts()).toEqual([]);
    });
  });

  describe('looking at the inbox', () => {
    test('events come page by page, newest or oldest first, without their bodies', async () => {
      const store = await opened();
      await store.acceptEvents(['a', 'b', 'c'].map((key) => kept(key)));
      const keys = async (order: 'newest' | 'oldest', after?: number) =>
        (await store.events({ order, limit: 2, after })).map(({ key, event }) => [key, event] as const);
      const newest = await keys('newest');
      expect(newest.map(([key]) => key)).toEqual(['c', 'b']);
      expect((await keys('newest', newest[1]?.[1])).map(([key]) => key)).toEqual(['a']);
      expect((await keys('oldest')).map(([key]) => key)).toEqual(['a', 'b']);
      const [first] = await store.events({ order: 'oldest', limit: 1 });
      const { body, headers: _, kept: __, forwardTo: ___, ...known } = kept('a');
      expect(first).toEqual({
        ...known,
        ...{ event: expect.any(Number), state: 'kept', attempts: 0, lastError: undefined },
        ...{ standing: 'received', bytes: body.length },
        forwards: [{ target: TARGET, state: 'received', attempts: 0, dueAt: NOW, lastError: undefined }],
      });
      expect(await store.event(first?.event ?? 0)).toMatchObject({ key: 'a', body });
      expect(await store.event(12_345)).toBeUndefined();
    });

    test('they are chosen by account, provider, time, key and standing', async () => {
      const store = await opened();
      await store.acceptEvents([
        sampleEvent('applied'),
        sampleEvent('lost', { failed: 'no connection' }),
        sampleEvent('late', { receivedAt: NOW + 10, ...OTHER }),
        sampleEvent('100%_', { provider: 'slack' }),
      ]);
      const [first] = await store.dueEvents(KEY, NOW, 1);
      await store.finishEvents([{ event: first?.event ?? 0, state: 'applied', at: NOW }]);
      const found = async (of: EventFilter) => (await standings(store, of)).map(([key]) => key);
      expect(await standings(store)).toEqual([
        ...[['applied', 'applied']],
        ...[['lost', 'failed']],
        ...['late', '100%_'].map((key) => [key, 'received']),
      ]);
      expect(await found({ account: 'other' })).toEqual(['late']);
      expect(await found({ provider: 'slack' })).toEqual(['100%_']);
      expect(await found({ since: NOW + 1 })).toEqual(['late']);
      expect(await found({ until: NOW + 1, provider: 'quickbooks' })).toEqual(['applied', 'lost']);
      expect(await found({ key: 'l' })).toEqual(['lost', 'late']);
      expect(await found({ key: '100%' })).toEqual(['100%_']);
      expect(await found({ key: '%' })).toEqual([]);
      expect(await found({ exactKey: 'lost' })).toEqual(['lost']);
      expect(await found({ exactKey: 'l' })).toEqual([]);
      expect(await found({ idle: true })).toEqual(['applied', 'lost']);
      expect(await found({ standings: ['failed', 'applied'] })).toEqual(['applied', 'lost']);
    });

    test('they are removed with what was noted of them, oldest first, as many as are asked for', async () => {
      const store = await opened();
      await store.acceptEvents(['a', 'b', 'c'].map((key) => kept(key)));
      for (const { event, target } of await store.takeForwards(TARGET, NOW, 2)) {
        await store.finishForwards([{ event, target, ...GOOD, state: 'delivered' }]);
      }
      const done = { standings: ['delivered'] satisfies EventStanding[], until: NOW + 1 };
      expect(await store.removeEvents({ ...done, until: NOW }, 10)).toBe(0);
      expect(await store.removeEvents(done, 1)).toBe(1);
      expect(await standings(store)).toEqual([...[['b', 'delivered']], ['c', 'received']]);
      expect(await store.removeEvents(done, 10)).toBe(1);
      expect(await store.forwardCounts()).toMatchObject([{ waiting: 1, failed: 0 }]);
    });

    test('pruning takes what is forwarded everywhere, and leaves what is just kept or still waits', async () => {
      const store = await opened();
      await store.acceptEvents([
        sampleEvent('kept', { kept: true }),
        kept('done'),
        kept('half', { forwardTo: [TARGET, ELSEWHERE] }),
        sampleEvent('applied', { forwardTo: [ELSEWHERE] }),
        kept('young', { receivedAt: NOW + 10 }),
      ]);
      for (const { event, target } of await store.takeForwards(TARGET, NOW + 10, 10)) {
        await store.finishForwards([{ event, target, ...GOOD, state: 'delivered' }]);
      }
      for (const { event } of await store.dueEvents(KEY, NOW, 10)) {
        await store.finishEvents([{ event, state: 'applied', at: NOW }]);
      }
      expect(await store.pruneEvents(NOW + 1, 10)).toBe(1);
      expect((await standings(store)).map(([key]) => key)).toEqual(['kept', 'half', 'applied', 'young']);
    });
  });
}
