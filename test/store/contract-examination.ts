import { describe, expect, test } from 'vitest';
import type { Opened } from './contract.ts';
import { samplePage, sampleRecord } from './sample-rows.ts';

export function describeExamination(database: () => Promise<Opened>): void {
  describe('examination', () => {
    test('finds a database whole, names its engine and how it looked, and tells its size', async () => {
      const store = await (await database())();
      const empty = await store.examine();
      expect(empty).toMatchObject({ engine: expect.stringMatching(/^\S+ \d/), problems: [], freeBytes: 0 });
      expect(empty.schemaVersion).toBeGreaterThan(0);
      expect(empty.method).not.toBe('');
      for (let page = 0; page < 20; page++) {
        const records = Array.from({ length: 100 }, (_, index) => sampleRecord(`${page}-${index}`));
        await store.commitPage(samplePage(records));
      }
      const filled = await store.examine();
      expect(filled.problems).toEqual([]);
      expect(filled.sizeBytes).toBeGreaterThan(empty.sizeBytes);
    });
  });
}
