import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimeline } from '../../src/mock/computed-timeline.ts';
import type { Timeline, TimelineFilter } from '../../src/mock/timeline.ts';

const filters = fc.record(
  {
    from: fc.integer({ min: -10, max: 1500 }),
    to: fc.integer({ min: -10, max: 1500 }),
    hidden: fc.constantFrom('exclude' as const, 'include' as const, 'only' as const),
    deleted: fc.boolean(),
  },
  { requiredKeys: [] },
);
const steps = fc.array(
  fc.record({
    how: fc.constantFrom('touch' as const, 'hide' as const, 'remove' as const, 'add' as const),
    index: fc.nat(40),
    wait: fc.nat(20),
  }),
  { maxLength: 15 },
);

/** What a timeline with all its rows in a list would answer. */
function plainly(timeline: Timeline, total: number, filter: TimelineFilter): number[] {
  const rows = Array.from({ length: total }, (_, index) => timeline.find(index)).filter((row) => row !== undefined);
  return rows
    .filter((row) => filter.deleted === true || !row.deleted)
    .filter((row) => filter.hidden === 'include' || row.deleted || row.hidden === (filter.hidden === 'only'))
    .filter((row) => row.at >= (filter.from ?? -Infinity) && row.at <= (filter.to ?? Infinity))
    .map((row) => row.index)
    .sort((a, b) => a - b);
}

test('every page, count and walk of a timeline is what a list of all rows would give, after any changes', () => {
  fc.assert(
    fc.property(
      fc.nat(40),
      fc.constantFrom(0, 1, 3),
      fc.constantFrom(1, 10),
      fc.boolean(),
      steps,
      filters,
      fc.integer({ min: 1, max: 9 }),
      (count, hiddenEvery, granularityMs, fixed, changes, filter, size) => {
        const timeline = createTimeline({ count, start: 0, end: 1000, hiddenEvery, granularityMs, fixed });
        let [now, total] = [1000, count];
        for (const { how, index, wait } of changes) {
          now += wait;
          if (how === 'add') total += timeline.add(1, now).length;
          else timeline.change([index], now, how);
        }
        const expected = plainly(timeline, total, filter);
        const paged = [];
        for (let offset = 0; ; offset += size) {
          const rows = timeline.select(filter, offset, size);
          paged.push(...rows);
          if (rows.length < size) break;
        }
        const byIndex = (rows: { index: number }[]) => rows.map((row) => row.index).sort((a, b) => a - b);
        expect(byIndex(paged)).toEqual(expected);
        expect(byIndex([...timeline.walk(filter)])).toEqual(expected);
        expect(timeline.count(filter)).toBe(expected.length);
        if (!fixed) expect(paged.map((row) => row.at)).toEqual(paged.map((row) => row.at).sort((a, b) => a - b));
      },
    ),
    { numRuns: 500 },
  );
});

test('a row that moves while the timeline is walked makes no other row be passed over', () => {
  const timeline = createTimeline({ count: 6, start: 0, end: 60 });
  const seen: number[] = [];
  for (const row of timeline.walk({ to: 60 })) {
    seen.push(row.index);
    if (row.index === 2) timeline.change([0, 1], 100, 'touch');
  }
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
});

test('rows added with a step never share a time, even when added at once', () => {
  const timeline = createTimeline({ count: 0, start: 0, end: 0 });
  timeline.add(2, 100, 1);
  timeline.add(2, 100, 1);
  expect(timeline.select({}, 0, 9).map((row) => row.at)).toEqual([100, 101, 102, 103]);
});
