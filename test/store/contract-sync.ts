import { describe, expect, test } from 'vitest';
import type { Opened } from './contract.ts';
import { NOW, samplePage, sampleRecord, standing, TARGET } from './sample-rows.ts';

/** Records, cursors and runs: one page is one transaction, older versions never win. */
export function describeSync(database: () => Promise<Opened>): void {
  /** Commits `[record]` versions one after another and says what each did. */
  const outcomes = async (...versions: Partial<Parameters<typeof sampleRecord>[1]>[]) => {
    const store = await (await database())();
    const said: string[] = [];
    for (const version of versions) {
      const counts = await store.commitPage(samplePage([sampleRecord('7', version)]));
      said.push(
        Object.entries(counts)
          .filter(([, count]) => count === 1)
          .map(([name]) => name)
          .join(),
      );
    }
    return { said, live: (await store.syncSummary(TARGET)).records };
  };

  describe('records', () => {
    test('new ones are upserted, the same again is unchanged', async () => {
      const store = await (await database())();
      const page = samplePage([sampleRecord('1'), sampleRecord('2'), sampleRecord('3', { deleted: true })]);
      expect(await store.commitPage(page)).toEqual({ upserted: 2, unchanged: 0, deleted: 1 });
      expect(await store.commitPage(page)).toEqual({ upserted: 0, unchanged: 3, deleted: 0 });
      expect((await store.syncSummary(TARGET)).records).toBe(2);
    });

    test('an older version never overwrites a newer one, whatever it says', async () => {
      expect(
        await outcomes(
          { updatedAt: NOW, data: 'new' },
          { updatedAt: NOW - 1, data: 'old' },
          { updatedAt: NOW - 1, deleted: true },
          { updatedAt: NOW + 1, data: 'newer' },
        ),
      ).toEqual({ said: ['upserted', 'unchanged', 'unchanged', 'upserted'], live: 1 });
    });

    test('of two versions with the same time the one that differs is taken', async () => {
      expect(await outcomes({ data: 'a' }, { data: 'b' }, { data: 'b' })).toEqual({
        said: ['upserted', 'upserted', 'unchanged'],
        live: 1,
      });
    });

    test('without times the last read wins', async () => {
      const untimed = (data: string) => ({ updatedAt: undefined, data }) as { data: string };
      expect(await outcomes(untimed('a'), untimed('b'), untimed('b'), untimed('a'))).toEqual({
        said: ['upserted', 'upserted', 'unchanged', 'upserted'],
        live: 1,
      });
    });

    test('a deleted record stays deleted until a newer live version comes', async () => {
      expect(
        await outcomes(
          { updatedAt: NOW },
          { updatedAt: NOW, deleted: true },
          { updatedAt: NOW, data: 'late copy' },
          { updatedAt: NOW - 1, data: 'older copy' },
        ),
      ).toEqual({ said: ['upserted', 'deleted', 'unchanged', 'unchanged'], live: 0 });
      expect(await outcomes({ deleted: true }, { updatedAt: NOW + 1 })).toEqual({
        said: ['deleted', 'upserted'],
        live: 1,
      });
    });

    test('times with fractions of a millisecond are taken', async () => {
      expect(await outcomes({ updatedAt: NOW + 0.247 }, { updatedAt: NOW + 0.247 })).toEqual({
        said: ['upserted', 'unchanged'],
        live: 1,
      });
    });

    test('tenants, companies and entities never mix', async () => {
      const store = await (await database())();
      const records = [sampleRecord('1')];
      await store.commitPage(samplePage(records));
      const other = { ...TARGET, account: 'other' };
      const company = { ...TARGET, externalId: 'another' };
      for (const change of [{ target: other }, { target: company }, { entity: 'customers' }]) {
        expect(await store.commitPage(samplePage(records, change))).toEqual({ upserted: 1, unchanged: 0, deleted: 0 });
      }
      const counts = await Promise.all([TARGET, other, company].map((target) => store.syncSummary(target)));
      expect(counts.map((summary) => summary.records)).toEqual([2, 1, 1]);
    });

    test('rows that could not be read do not hold up the page, however often they come', async () => {
      const store = await (await database())();
      const rejected = [{ reason: 'no id', row: { name: 'x' } }];
      for (const _ of [1, 2]) {
        expect(await store.commitPage(samplePage([], { rejected }))).toEqual({ upserted: 0, unchanged: 0, deleted: 0 });
      }
    });
  });

  describe('cursors and runs', () => {
    test('a cursor is absent, then resumes, then rests at its watermark; an interruption keeps the old watermark', async () => {
      const open = await database();
      const store = await open();
      const resume = {
        request: { method: 'GET', path: '/query', query: { q: 'select' }, state: { start: 101 } },
        window: { since: NOW - 10, now: NOW, externalId: TARGET.externalId },
        until: NOW,
      };
      expect(await store.cursor(TARGET, 'invoices')).toBeUndefined();
      await store.commitPage(samplePage([], { progress: { resume } }));
      expect(await standing(store, 'invoices')).toEqual({ resume, updatedAt: NOW });
      await store.commitPage(samplePage([], { progress: { watermark: NOW + 3.9 }, at: NOW + 4 }));
      expect(await standing(await open(), 'invoices')).toEqual({ watermark: NOW + 3, updatedAt: NOW + 4 });
      await store.commitPage(samplePage([], { progress: { resume }, at: NOW + 5 }));
      expect(await standing(store, 'invoices')).toEqual({ watermark: NOW + 3, resume, updatedAt: NOW + 5 });
      expect(await store.cursor(TARGET, 'customers')).toBeUndefined();
      expect(await store.cursor({ ...TARGET, externalId: 'another' }, 'invoices')).toBeUndefined();
    });

    test('a page that cannot be stored leaves nothing: no record, no cursor', async () => {
      const store = await (await database())();
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      const page = samplePage([sampleRecord('1'), sampleRecord('2', { data: circular })]);
      await expect(store.commitPage(page)).rejects.toThrow(TypeError);
      expect(await store.cursor(TARGET, 'invoices')).toBeUndefined();
      expect(await store.syncSummary(TARGET)).toEqual({ records: 0 });
      expect(await store.commitPage(samplePage([sampleRecord('1')]))).toEqual({
        upserted: 1,
        unchanged: 0,
        deleted: 0,
      });
    });

    test('the summary names the last finished run', async () => {
      const store = await (await database())();
      const first = await store.startRun(TARGET, { kind: 'sync', owner: 'one', startedAt: NOW });
      const second = await store.startRun(TARGET, { kind: 'sync', owner: 'two', startedAt: NOW + 1 });
      expect(second).not.toBe(first);
      expect(await store.syncSummary(TARGET)).toEqual({ records: 0 });
      await store.finishRun(second, NOW + 2, 'done');
      await store.finishRun(first, NOW + 3, 'failed');
      expect(await store.syncSummary(TARGET)).toEqual({ lastRunAt: NOW + 3, lastOutcome: 'failed', records: 0 });
      expect(await store.syncSummary({ ...TARGET, account: 'other' })).toEqual({ records: 0 });
    });
  });
}
