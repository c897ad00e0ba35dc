import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import type { StreamRecord } from '../../src/providers/stream.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { samplePage } from '../store/sample-rows.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { MISFITS, placesIn, replaced } from './misfit.ts';
import { isRow, readings, readSample, rowsIn, withRows } from './sample.ts';

/** The same on every machine; a failure prints it together with the counterexample. */
const SEED = 20_260_105;

const NO_ROWS = [null, true, 7, '', [], [[]], {}, { x_unknown: 1 }];

const all = readings.map((reading) => [reading.file, reading] as const);

describe.each(all.filter(([, { sample }]) => rowsIn(sample).length > 0))('%s', (_file, reading) => {
  const rows = rowsIn(reading.sample);
  const page = (list: readonly unknown[]) => readSample(reading, withRows(reading.sample, list));
  const untouched = page(rows).records.map((record) => JSON.stringify(record));

  test('with a row that is none sets it aside, and says why', () => {
    for (const row of NO_ROWS) {
      const list = isRow(reading.sample) ? [row] : [row, ...rows];
      const { records, rejected } = page(list);
      expect(rejected).toEqual([{ reason: expect.stringMatching(/\w+ (has|is) no \w+/), row }]);
      expect(records.map((record) => JSON.stringify(record))).toEqual(list.length > 1 ? untouched : []);
    }
  });

  test('with a misfit anywhere loses no other row, and throws nothing', () => {
    const places = rows.flatMap((row, index) => placesIn(row).map((place) => ({ index, place })));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(...MISFITS), ({ index, place }, misfit) => {
        const list = rows.with(index, replaced(rows[index], place, misfit));
        const { records, rejected } = page(list);
        expect(records.length + rejected.length).toBe(rows.length);
        const others = untouched.filter((_record, position) => position !== index);
        expect(records.map((record) => JSON.stringify(record))).toEqual(expect.arrayContaining(others));
        for (const { reason, row } of rejected) {
          expect(reason).toMatch(/\w+ (has|is) no \w+/);
          expect(JSON.stringify(row)).toBe(JSON.stringify(list[index]) ?? 'null');
        }
        for (const record of records) expectStorable(record);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('with every misfit everywhere goes into the store', async () => {
    const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), { now: () => 0 });
    onTestFinished(() => store.close());
    for (const place of placesIn(rows[0])) {
      const misfits = MISFITS.map((misfit) => replaced(rows[0], place, misfit));
      for (const list of isRow(reading.sample) ? misfits.map((row) => [row]) : [[...misfits, ...rows]]) {
        const { records, rejected } = page(list);
        const { upserted, unchanged, deleted } = await store.commitPage(samplePage(records, { rejected }));
        expect(upserted + unchanged + deleted + rejected.length).toBe(list.length);
      }
    }
  });

  test('takes nothing from a member named __proto__', () => {
    const bait =
      '"__proto__":{"Id":"1","id":"1","ts":"1.1","DOTNumber":1,"CompletedDate":"2026-01-05","FactoringCompanyID":1}';
    const text = JSON.stringify(rows[0]);
    if (!text.startsWith('{')) return;
    const trapped: unknown = JSON.parse(`{${bait},${text.slice(1)}`);
    expect(page([trapped, ...rows.slice(1)]).records.map(({ id }) => id)).toEqual(
      page(rows).records.map(({ id }) => id),
    );
    expect(page([JSON.parse(`{${bait}}`)]).rejected.length).toBe(1);
  });
});

test.each(all)('anything in the place of %s is read or is a BAD_RESPONSE', (_file, reading) => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      try {
        readSample(reading, body);
      } catch (error) {
        if (!isLwiError(error, 'BAD_RESPONSE')) throw error;
      }
    }),
    { seed: SEED },
  );
});

/** What a table of SQLite can hold and give back as it was: text of whole characters, whole numbers, JSON. */
function expectStorable({ id, updatedAt = 0, data }: StreamRecord): void {
  expect([id, id.isWellFormed()]).toEqual([expect.stringMatching(/./), true]);
  expect(updatedAt).toBeGreaterThanOrEqual(0);
  expect(updatedAt).toBeLessThanOrEqual(8.64e15);
  expect(JSON.stringify(data)).toEqual(expect.any(String));
}
