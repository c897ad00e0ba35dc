import { describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/store/inbox.ts';
import type { Opened } from './contract.ts';
import { bytes, KEY, NOW } from './sample-rows.ts';

const OTHER = { account: 'other', provider: 'quickbooks' };

/** An event of the sample connection. */
export function sampleEvent(key: string, change: Partial<NewEvent> = {}): NewEvent {
  const headers = [
    ['X-Signature', 'abc'],
    ['x-signature', 'ü'],
  ] as const;
  const path = '/webhooks/quickbooks?x=1';
  return {
    ...KEY,
    key,
    type: 'qbo.invoice.updated.v1',
    method: 'POST',
    path,
    headers,
    body: bytes(key),
    receivedAt: NOW,
    ...change,
  };
}

/** The inbox: each delivery once, kept as it came, until it is applied or has failed for good. */
export function describeInbox(database: () => Promise<Opened>): void {
  const opened = async () => (await database())();

  describe('inbox', () => {
    test('an event is kept byte for byte, with its headers in their order and spelling', async () => {
      const store = await opened();
      const body = Uint8Array.from([0, 255, 10, 13, 195, 40]);
      expect(await store.acceptEvents([sampleEvent('one', { body })])).toEqual(['new']);
      const [event] = await store.dueEvents(KEY, NOW, 10);
      const { failed: _, ...kept } = sampleEvent('one', { body });
      expect(event).toEqual({
        ...kept,
        event: expect.any(Number),
        state: 'received',
        attempts: 0,
        lastError: undefined,
      });
    });

    test('the same key is a duplicate for its account and provider, also within one batch, whatever became of the first', async () => {
      const store = await opened();
      const batch = [sampleEvent('one'), sampleEvent('one'), sampleEvent('two'), sampleEvent('one', OTHER)];
      expect(await store.acceptEvents(batch)).toEqual(['new', 'duplicate', 'new', 'new']);
      const [first] = await store.dueEvents(KEY, NOW, 1);
      await store.finishEvents([{ event: first?.event ?? 0, state: 'applied', at: NOW }]);
      expect(await store.acceptEvents([sampleEvent('one')])).toEqual(['duplicate']);
    });

    test('of two deliveries at the same moment in two stores, one is new', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      const both = await Promise.all([one, two].map((store) => store.acceptEvents([sampleEvent('one')])));
      expect(both.flat().toSorted()).toEqual(['duplicate', 'new']);
    });

    test('a batch that cannot be stored whole is not stored at all', async () => {
      const store = await opened();
      const broken = sampleEvent('two', { type: undefined as unknown as string });
      await expect(store.acceptEvents([sampleEvent('one'), broken])).rejects.toThrow();
      expect(await store.dueConnections(NOW)).toEqual([]);
    });

    test('what waits is found by connection, the oldest first, as many as are asked for, whatever the clock says', async () => {
      const store = await opened();
      await store.acceptEvents([sampleEvent('b'), sampleEvent('c', OTHER)]);
      await store.acceptEvents([sampleEvent('late', { receivedAt: NOW - 5 })]);
      expect(await store.dueConnections(NOW - 86_400_000)).toEqual([KEY, OTHER]);
      const keys = async (limit: number) => (await store.dueEvents(KEY, NOW - 86_400_000, limit)).map(({ key }) => key);
      expect(await keys(10)).toEqual(['b', 'late']);
      expect(await keys(1)).toEqual(['b']);
    });

    test('received becomes received again later, then applied or failed; what has ended stays so', async () => {
      const store = await opened();
      await store.acceptEvents([sampleEvent('one'), sampleEvent('two')]);
      const [one, two] = (await store.dueEvents(KEY, NOW, 10)).map(({ event }) => event);
      await store.finishEvents([
        { event: one ?? 0, state: 'received', error: 'NETWORK', dueAt: NOW + 10, at: NOW, run: 7 },
      ]);
      await store.finishEvents([{ event: two ?? 0, state: 'failed', error: 'FORBIDDEN', at: NOW }]);
      expect(await store.dueEvents(KEY, NOW + 9, 10)).toEqual([]);
      expect(await store.dueEvents(KEY, NOW + 10, 10)).toMatchObject([
        { key: 'one', attempts: 1, lastError: 'NETWORK' },
      ]);
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 1, failed: 1, oldestAt: NOW }]);
      await store.finishEvents([{ event: one ?? 0, state: 'applied', at: NOW }]);
      await store.finishEvents([{ event: two ?? 0, state: 'received', error: 'again', dueAt: NOW, at: NOW }]);
      expect(await store.inboxCounts()).toEqual([{ ...KEY, received: 0, failed: 1, oldestAt: undefined }]);
    });

    test('an event that nobody can apply is kept as failed from the start, and never due', async () => {
      const store = await opened();
      const stray = { account: '', provider: 'slack' };
      expect(await store.acceptEvents([sampleEvent('one', { ...stray, failed: 'no connection' })])).toEqual(['new']);
      expect(await store.dueConnections(NOW)).toEqual([]);
      expect(await store.inboxCounts()).toEqual([{ ...stray, received: 0, failed: 1, oldestAt: undefined }]);
    });

    test('pruning takes applied ones of old only, and no more than it is told', async () => {
      const store = await opened();
      await store.acceptEvents(['one', 'two', 'open'].map((key) => sampleEvent(key)));
      await store.acceptEvents([sampleEvent('young', { receivedAt: NOW + 10 })]);
      for (const { event, key } of await store.dueEvents(KEY, NOW + 10, 10)) {
        if (key !== 'open') await store.finishEvents([{ event, state: 'applied', at: NOW }]);
      }
      expect(await store.pruneEvents(NOW + 1, 1)).toBe(1);
      expect(await store.pruneEvents(NOW + 1, 10)).toBe(1);
      expect(await store.pruneEvents(NOW + 1, 10)).toBe(0);
      expect(await store.acceptEvents([sampleEvent('open'), sampleEvent('young'), sampleEvent('one')])).toEqual([
        ...['duplicate', 'duplicate', 'new'],
      ]);
    });

    test('one at a time works off what is for a connection', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      const hold = await one.holdInbox(KEY);
      expect(hold).toBeDefined();
      expect(await two.holdInbox(KEY)).toBeUndefined();
      const other = await two.holdInbox(OTHER);
      expect(other).toBeDefined();
      await hold?.release();
      const again = await two.holdInbox(KEY);
      expect(again).toBeDefined();
      for (const each of [other, again]) await each?.release();
    });
  });
}
