import { describe, expect, test } from 'vitest';
import type { RecordList } from '../../src/store/record-tables.ts';
import type { Opened } from './contract.ts';
import { NOW, samplePage, sampleRecord, TARGET } from './sample-rows.ts';

const LIST: RecordList = { ...TARGET, entity: 'invoices' };

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

/** Reading what was pulled: in pages, beside whoever writes. */
export function describeRecords(database: () => Promise<Opened>): void {
  describe('reading records', () => {
    test('a record comes back as it was stored, with its state', async () => {
      const store = await (await database())();
      await store.commitPage(samplePage([sampleRecord('1'), sampleRecord('2'), sampleRecord('3')]));
      const gone = [sampleRecord('2', { updatedAt: NOW + 1, deleted: true })];
      await store.commitPage(samplePage(gone, { at: NOW + 5 }));
      await store.commitPage({ ...samplePage([]), records: [{ id: '3', data: null, deleted: 'absent' }] });
      const one = { ...LIST, id: '1', data: '{"id":"1","amount":1}', updatedAt: NOW, deleted: false, storedAt: NOW };
      const two = {
        ...one,
        id: '2',
        data: '{"id":"2","amount":1}',
        updatedAt: NOW + 1,
        deleted: true,
        storedAt: NOW + 5,
      };
      const three = { ...one, id: '3', data: '{"id":"3","amount":1}', deleted: 'absent' };
      expect(await all(store.records(LIST))).toEqual([one]);
      expect(await all(store.records({ ...LIST, deleted: true }))).toEqual([one, two, three]);
      expect([await store.record(LIST, '2'), await store.record(LIST, '4')]).toEqual([two, undefined]);
      expect(await store.recordCounts(LIST)).toEqual({ live: 1, deleted: 2, setAside: 0, newest: NOW });
    });

    test('many pages give each row once, in order of the bytes of the ids, whatever their size', async () => {
      const store = await (await database())();
      const ids = Array.from({ length: 1203 }, (_, at) => `${at}`);
      const records = ids.map((id, at) => sampleRecord(id, at % 97 === 0 ? { data: 'x'.repeat(400_000) } : {}));
      await store.commitPage(samplePage([...records, sampleRecord('é'), sampleRecord('"; --')]));
      const read = await all(store.records(LIST));
      expect(read.map(({ id }) => id)).toEqual([...ids, 'é', '"; --'].sort());
      expect(await store.recordCounts(LIST)).toMatchObject({ live: 1205, deleted: 0 });
    });

    test('since goes by the time of change, and by that of storing where there is none', async () => {
      const store = await (await database())();
      const { updatedAt: _, ...untimed } = sampleRecord('untimed');
      await store.commitPage(samplePage([sampleRecord('old', { updatedAt: NOW - 9 }), sampleRecord('new'), untimed]));
      const since = async (at: number) => (await all(store.records({ ...LIST, since: at }))).map(({ id }) => id);
      expect(await since(NOW)).toEqual(['new', 'untimed']);
      expect(await since(NOW + 1)).toEqual([]);
      expect(await since(NOW - 9)).toEqual(['new', 'old', 'untimed']);
      expect(await store.recordCounts(LIST, NOW)).toEqual({ live: 2, deleted: 0, setAside: 0, newest: NOW });
    });

    test('lists are those of every company that has anything, and can be narrowed', async () => {
      const store = await (await database())();
      expect(await store.recordLists()).toEqual([]);
      const place = (account: string, provider: string, externalId: string, entity: string) => ({
        ...{ account, provider, externalId, entity },
      });
      const places = [
        place('a', 'quickbooks', '1', 'bills'),
        place('a', 'quickbooks', '1', 'invoices'),
        place('a', 'quickbooks', '2', 'invoices'),
        place('a', 'slack', 'T', 'users'),
        place('ab', 'slack', '', 'users'),
      ];
      for (const { entity, ...target } of places.toReversed()) {
        await store.commitPage(samplePage([sampleRecord('1'), sampleRecord('2')], { target, entity }));
      }
      const aside = place('b', 'quickbooks', '1', 'terms');
      const { entity, ...target } = aside;
      await store.commitPage(samplePage([], { target, entity, rejected: [{ reason: 'no id', row: 1 }] }));
      expect(await store.recordLists()).toEqual([...places, aside]);
      expect(await store.recordLists({ account: 'a' })).toEqual(places.slice(0, 4));
      expect(await store.recordLists({ provider: 'slack' })).toEqual(places.slice(3));
      expect(await store.recordLists({ provider: 'quickbooks', entity: 'invoices' })).toEqual(places.slice(1, 3));
      expect(await all(store.records({ ...LIST, account: 'ab' }))).toEqual([]);
    });

    test('rows set aside come with the reason and the request that brought them', async () => {
      const store = await (await database())();
      const request = { method: 'GET', path: '/query', query: { q: 'select' } };
      const rejected = [{ reason: 'no id', row: { name: 'x' } }];
      await store.commitPage(samplePage([], { rejected, request }));
      await store.commitPage(samplePage([], { rejected: [{ reason: 'no time', row: 7 }], at: NOW + 5 }));
      const rows = [
        { ...LIST, reason: 'no id', data: '{"name":"x"}', request, at: NOW },
        { ...LIST, reason: 'no time', data: '7', at: NOW + 5 },
      ];
      const read = await all(store.setAside(LIST));
      expect(read.toSorted((one, other) => one.at - other.at)).toEqual(rows);
      expect(await all(store.setAside(LIST, NOW + 1))).toEqual(rows.slice(1));
      expect(await store.recordCounts(LIST)).toEqual({ live: 0, deleted: 0, setAside: 2 });
      expect(await store.recordCounts(LIST, NOW + 1)).toMatchObject({ setAside: 1 });
    });

    test('a reader keeps nobody from writing, and other work of its process has its turn', async () => {
      const open = await database();
      const [reader, writer] = [await open(), await open()];
      const many = Array.from({ length: 1000 }, (_, at) => sampleRecord(String(1000 + at)));
      await writer.commitPage(samplePage(many));
      let turns = 0;
      const turn = () => {
        turns += 1;
        setImmediate(turn);
      };
      turn();
      const read: string[] = [];
      for await (const { id, data } of reader.records(LIST)) {
        read.push(data);
        if (id === '1100') {
          await writer.commitPage(samplePage([sampleRecord('1999', { updatedAt: NOW + 1, data: 'changed' })]));
          await writer.commitPage(samplePage([sampleRecord('3000')]));
        }
      }
      expect(read).toHaveLength(1001);
      expect(read[999]).toBe('"changed"');
      expect(turns).toBeGreaterThan(3);
      for await (const _ of reader.records(LIST)) break;
      expect(await writer.commitPage(samplePage([sampleRecord('3001')]))).toMatchObject({ upserted: 1 });
    });
  });
}
