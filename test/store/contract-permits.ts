import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimitRule } from '../../src/providers/provider.ts';
import type { Store } from '../../src/store/store.ts';
import type { Opened } from './contract.ts';
import { NOW } from './sample-rows.ts';

const rule = (permits: number, perMs: number, burst: number, name = 'default'): LimitRule => ({
  ...{ name, permits, perMs, burst, concurrency: 1 },
});

/** Send times of `count` requests that all ask at `now` and then wait as they are told. */
async function sendTimes(store: Store, rules: readonly LimitRule[], count: number, now: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) times.push(now + (await store.reservePermit('s', rules, now)));
  return times;
}

/** Most send times in any half-open window of `perMs`. */
function fullestWindow(times: readonly number[], perMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((start) => sorted.filter((time) => time >= start && time < start + perMs).length));
}

/** Permits: exact for every window, shared, held, sane when the clock is set. */
export function describePermits(database: () => Promise<Opened>): void {
  describe('permits', () => {
    test('a burst goes at once, the rest at the rate of the limit', async () => {
      const store = await (await database())();
      const times = await sendTimes(store, [rule(6, 600, 3)], 9, NOW);
      expect(times.map((time) => time - NOW)).toEqual([0, 0, 0, 100, 200, 300, 600, 600, 600]);
    });

    test('an interval that is no whole number of milliseconds loses nothing of the rate', async () => {
      const store = await (await database())();
      const times = await sendTimes(store, [rule(7, 100, 1)], 22, NOW);
      expect(times.at(-1)).toBe(NOW + 300);
      expect(fullestWindow(times, 100)).toBe(7);
    });

    test('two stores on one database share the permits; scopes and rule names do not', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      const slow = (name: string) => [rule(1, 1000, 1, name)];
      expect(await one.reservePermit('acme/slack', slow('tier2:users.list'), NOW)).toBe(0);
      expect(await two.reservePermit('acme/slack', slow('tier2:users.list'), NOW + 1)).toBe(999);
      expect(await two.reservePermit('acme/slack', slow('tier2:conversations.list'), NOW + 1)).toBe(0);
      expect(await two.reservePermit('other/slack', slow('tier2:users.list'), NOW + 1)).toBe(0);
    });

    test('with several rules the strictest decides and all of them count', async () => {
      const store = await (await database())();
      const second = rule(1, 1000, 1, 'second');
      const minute = rule(2, 60_000, 2, 'minute');
      expect(await sendTimes(store, [second, minute], 3, NOW)).toEqual([NOW, NOW + 1000, NOW + 60_000]);
      expect(await store.reservePermit('s', [second], NOW)).toBe(61_000);
    });

    test('a hold stops everybody of the scope, and a shorter one does not replace a longer one', async () => {
      const store = await (await database())(() => NOW);
      const rules = [rule(10, 1000, 5)];
      await store.holdPermits('s', rules, NOW + 5000);
      await store.holdPermits('s', rules, NOW + 100);
      expect(await sendTimes(store, rules, 6, NOW)).toEqual([...Array(5).fill(NOW + 5000), NOW + 5100]);
      expect(await store.reservePermit('other', rules, NOW)).toBe(0);
    });

    test('without rules nothing limits, but a hold holds', async () => {
      const store = await (await database())(() => NOW);
      expect(await store.reservePermit('s', [], NOW)).toBe(0);
      await store.holdPermits('s', [], NOW + 5000);
      expect(await store.reservePermit('s', [], NOW + 1000)).toBe(4000);
      expect(await store.reservePermit('s', [], NOW + 5000)).toBe(0);
      expect(await store.reservePermit('s', [], NOW - 86_400_000)).toBe(5000);
    });

    test('a clock that is set back stalls nobody, and what was just sent still counts', async () => {
      const store = await (await database())();
      const rules = [rule(4, 1000, 2)];
      await sendTimes(store, rules, 4, NOW);
      const yesterday = NOW - 86_400_000;
      const times = await sendTimes(store, rules, 3, yesterday);
      expect(times.map((time) => time - yesterday)).toEqual([1000, 1000, 1250]);
    });

    test('clocks of two processes that differ a little do not move the past', async () => {
      const store = await (await database())();
      const rules = [rule(1, 1000, 1)];
      expect(await store.reservePermit('s', rules, NOW + 5)).toBe(0);
      expect(await store.reservePermit('s', rules, NOW)).toBe(1005);
    });

    test('a limit whose numbers were changed holds from the next request on', async () => {
      const store = await (await database())();
      const slow = await sendTimes(store, [rule(4, 1000, 4)], 4, NOW);
      const fast = await sendTimes(store, [rule(10, 1000, 2)], 10, NOW + 10);
      expect(fullestWindow([...slow, ...fast], 1000)).toBeLessThanOrEqual(10);
      const slower = await sendTimes(store, [rule(2, 1000, 1)], 4, NOW + 3000);
      expect(
        fullestWindow(
          [...fast, ...slower].filter((time) => time >= (fast.at(-1) ?? 0)),
          1000,
        ),
      ).toBeLessThanOrEqual(2);
    });

    test('property: no window is ever over the limit and no moment over the burst', async () => {
      const store = await (await database())();
      const gaps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })), {
        minLength: 1,
        maxLength: 40,
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyRule, { minLength: 1, maxLength: 3 }), gaps, async (unnamed, pauses) => {
          const rules = unnamed.map((one, index) => ({ ...one, name: `rule ${index}` }));
          const scope = `property ${run++}`;
          let now = NOW;
          const times: number[] = [];
          for (const pause of pauses) {
            now += pause;
            times.push(now + (await store.reservePermit(scope, rules, now)));
          }
          for (const { permits, perMs, burst } of rules) {
            expect(fullestWindow(times, perMs)).toBeLessThanOrEqual(permits);
            // Where the limit itself allows several in one millisecond, that many may share one.
            expect(fullestWindow(times, 1)).toBeLessThanOrEqual(Math.max(burst, Math.ceil(permits / perMs)));
          }
        }),
        { numRuns: 150 },
      );
    });

    test('property: whoever keeps asking gets the whole of the limit', async () => {
      const store = await (await database())();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(anyRule, fc.integer({ min: 1, max: 60 }), async (only, count) => {
          const times = await sendTimes(store, [{ ...only, name: `rule ${run++}` }], count, NOW);
          for (const [index, time] of times.entries()) {
            expect(time).toBeLessThanOrEqual(NOW + Math.ceil((index * only.perMs) / only.permits));
          }
        }),
        { numRuns: 100 },
      );
    });
  });
}

const anyRule = fc
  .record({
    permits: fc.integer({ min: 1, max: 12 }),
    perMs: fc.integer({ min: 1, max: 5000 }),
    burst: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ permits, perMs, burst }) => rule(permits, perMs, burst));
