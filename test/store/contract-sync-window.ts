import { describe, expect, test } from 'vitest';
import type { CommitRecord } from '../../src/store/sync-tables.ts';
import type { Opened } from './contract.ts';
import { NOW, samplePage, sampleRecord, standing, TARGET } from './sample-rows.ts';

const AT = NOW + 1000;
const everything = { range: {}, before: AT, limit: 10 };
const absent = (id: string): CommitRecord => ({ id, deleted: 'absent', data: null });

/** What a window has seen, what is gone, and who may read. */
export function describeSyncWindow(database: () => Promise<Opened>): void {
  const holding = async (...records: Parameters<typeof samplePage>[0]) => {
    const store = await (await database())();
    await store.commitPage(samplePage(records));
    return store;
  };

  describe('what a window has not seen', () => {
    test('is every live record that no page of it noted, in the order of ids', async () => {
      const store = await holding(
        sampleRecord('1'),
        sampleRecord('2'),
        sampleRecord('10'),
        sampleRecord('3', { deleted: true }),
      );
      await store.commitPage(samplePage([sampleRecord('2')], { seen: true, at: AT }));
      expect(await store.unseen(TARGET, 'invoices', everything)).toEqual(['1', '10']);
      expect(await store.unseen(TARGET, 'invoices', { ...everything, limit: 1 })).toEqual(['1']);
      expect(await store.unseen(TARGET, 'invoices', { ...everything, after: '1' })).toEqual(['10']);
      expect(await store.unseen(TARGET, 'customers', everything)).toEqual([]);
      await store.forgetSeen(TARGET, 'invoices');
      expect(await store.unseen(TARGET, 'invoices', everything)).toEqual(['1', '10', '2']);
    });

    test('leaves out what was stored since it began', async () => {
      const store = await holding(sampleRecord('1'));
      await store.commitPage(samplePage([sampleRecord('2')], { at: AT }));
      expect(await store.unseen(TARGET, 'invoices', everything)).toEqual(['1']);
    });

    test('keeps to a scope and a range of ids, both ends included', async () => {
      const of = (scope: string, ...ids: string[]) => ids.map((id) => sampleRecord(id, { scope }));
      const store = await holding(...of('C1', 'C1:1', 'C1:2', 'C1:3', 'C1:4'), ...of('C1:2', 'C1:25'));
      const range = { scope: 'C1', from: 'C1:2', to: 'C1:3' };
      expect(await store.unseen(TARGET, 'invoices', { ...everything, range })).toEqual(['C1:2', 'C1:3']);
    });

    test('tenants and companies never mix', async () => {
      const store = await holding(sampleRecord('1'));
      const other = { ...TARGET, externalId: 'another' };
      await store.commitPage(samplePage([sampleRecord('1')], { target: other, seen: true, at: AT }));
      expect(await store.unseen(TARGET, 'invoices', everything)).toEqual(['1']);
    });
  });

  describe('a record that is absent', () => {
    test('is gone, keeps its data, and comes back by any sight of the same version', async () => {
      const store = await holding(sampleRecord('1'));
      const bury = () => store.commitPage(samplePage([absent('1')]));
      expect(await bury()).toEqual({ upserted: 0, unchanged: 0, deleted: 1 });
      expect(await bury()).toEqual({ upserted: 0, unchanged: 1, deleted: 0 });
      expect(await store.syncSummary(TARGET)).toMatchObject({ records: 0 });
      expect(await store.commitPage(samplePage([sampleRecord('1', { updatedAt: NOW - 1 })]))).toMatchObject({
        unchanged: 1,
      });
      expect(await store.commitPage(samplePage([sampleRecord('1')]))).toMatchObject({ upserted: 1 });
      expect(await store.syncSummary(TARGET)).toMatchObject({ records: 1 });
    });

    test('that the provider has deleted stays deleted', async () => {
      const store = await holding(sampleRecord('1', { deleted: true }));
      expect(await store.commitPage(samplePage([absent('1')]))).toMatchObject({ unchanged: 1 });
      expect(await store.commitPage(samplePage([sampleRecord('1')]))).toMatchObject({ unchanged: 1 });
    });

    test('is deleted for good by the word of the provider', async () => {
      const store = await holding(sampleRecord('1'));
      await store.commitPage(samplePage([absent('1')]));
      await store.commitPage(samplePage([sampleRecord('1', { deleted: true })]));
      expect(await store.commitPage(samplePage([sampleRecord('1')]))).toMatchObject({ unchanged: 1 });
    });
  });

  describe('a page without progress', () => {
    test('moves no cursor', async () => {
      const store = await holding(sampleRecord('1'));
      const before = await standing(store, 'invoices');
      await store.commitPage(samplePage([sampleRecord('2')], { progress: undefined, at: AT }));
      expect(await standing(store, 'invoices')).toEqual(before);
    });
  });

  describe('a poll that is noted', () => {
    test('keeps cursor and resumption, and is the first thing known of an entity', async () => {
      const store = await holding(sampleRecord('1'));
      await store.notePoll(TARGET, 'invoices', AT);
      expect(await standing(store, 'invoices')).toEqual({ watermark: NOW, updatedAt: AT });
      await store.notePoll(TARGET, 'customers', AT);
      expect(await standing(store, 'customers')).toEqual({ updatedAt: AT });
    });
  });

  describe('the right to sync a connection', () => {
    test('is held by one at a time, who is named, until it is given back', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      const held = await one.holdSync(TARGET, 'first@here', NOW);
      expect(await two.holdSync(TARGET, 'second@here', NOW + 1)).toEqual({ owner: 'first@here', since: NOW });
      expect(await one.holdSync(TARGET, 'first@here', NOW + 1)).toEqual({ owner: 'first@here', since: NOW });
      const elsewhere = await two.holdSync({ ...TARGET, externalId: 'another' }, 'second@here', NOW);
      expect('release' in elsewhere).toBe(true);
      if ('release' in elsewhere) await elsewhere.release();
      if ('release' in held) await held.release();
      const next = await two.holdSync(TARGET, 'second@here', NOW + 2);
      expect('release' in next).toBe(true);
      if ('release' in next) await next.release();
    });
  });
}
