import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimitRule } from '../../src/providers/provider.ts';
import type { Permit, PermitAnswer } from '../../src/store/permits.ts';
import type { Opened } from './contract.ts';
import { fullestWindow, type Request, rule, runQueue } from './permit-queue.ts';
import { NOW } from './sample-rows.ts';

const TTL_MS = 15_000;

/** Permits: exact for every window, shared, in turn, held, sane when the clock is set. `numRuns`: of each property. */
export function describePermits(database: () => Promise<Opened>, numRuns: number): void {
  /** Two stores on one database, whose clock the test sets. */
  const setup = async () => {
    const open = await database();
    const time = { now: NOW };
    const [one, two] = [await open(() => time.now), await open(() => time.now)];
    const run = (requests: readonly Request[]) => runQueue([one, two], time, requests);
    const take = (rules: readonly LimitRule[], more = {}) =>
      one.takePermit({ scope: 's', rules, rank: 0, ttlMs: TTL_MS, ...more });
    return { one, two, time, run, take };
  };
  const times = (count: number, ...rules: LimitRule[]): Request[] => Array.from({ length: count }, () => ({ rules }));

  describe('permits', () => {
    test('a burst goes at once, the rest at the rate of the limit', async () => {
      const { run } = await setup();
      expect(await run(times(9, rule(6, 600, 3)))).toEqual([0, 0, 0, 100, 200, 300, 600, 600, 600]);
    });

    test('an interval that is no whole number of milliseconds loses nothing of the rate', async () => {
      const { run } = await setup();
      const sent = await run(times(22, rule(7, 1000, 7)));
      expect(sent.at(-1)).toBe(3000);
      expect(fullestWindow(sent, 1000)).toBe(7);
    });

    test('two stores on one database share the permits; scopes and rule names do not', async () => {
      const { run } = await setup();
      const slow = (name: string) => [rule(1, 1000, 1, { name })];
      expect(
        await run([
          { rules: slow('tier2:users.list') },
          { rules: slow('tier2:users.list'), store: 1, at: 1 },
          { rules: slow('tier2:conversations.list'), store: 1, at: 1 },
          { rules: slow('tier2:users.list'), store: 1, at: 1, scope: 'other' },
        ]),
      ).toEqual([0, 1000, 1, 1]);
    });

    test('with several rules the strictest decides and all of them count', async () => {
      const { run } = await setup();
      const second = rule(1, 1000, 1, { name: 'second' });
      const minute = rule(2, 60_000, 2, { name: 'minute' });
      // The last one leaves a turn to whom the minute holds up.
      expect(await run([...times(3, second, minute), ...times(1, second)])).toEqual([0, 1000, 60_000, 3000]);
    });

    test('a hold stops everybody of the scope, and a shorter one does not replace a longer one', async () => {
      const { one, run } = await setup();
      const rules = [rule(10, 1000, 5)];
      await one.holdPermits('s', rules, 5000);
      await one.holdPermits('s', rules, 100);
      expect(await run([...times(6, ...rules), { rules, scope: 'other' }])).toEqual([...Array(5).fill(5000), 5100, 0]);
    });

    test('without rules nothing limits, but a hold holds', async () => {
      const { one, run } = await setup();
      expect(await run(times(3))).toEqual([0, 0, 0]);
      await one.holdPermits('s', [], 5000);
      expect(await run(times(3))).toEqual([5000, 5000, 5000]);
    });

    test('a hold can be lifted; what was sent still counts', async () => {
      const { one, run } = await setup();
      const rules = [rule(1, 1000, 1)];
      await run(times(1, ...rules));
      await one.holdPermits('s', rules, 3_600_000);
      expect([await one.liftHolds('other'), await one.liftHolds('s'), await one.liftHolds('s')]).toEqual([0, 1, 0]);
      expect(await run(times(1, ...rules))).toEqual([1000]);
    });

    test('a clock that is set back stalls nobody, and what was just sent still counts', async () => {
      const { time, run } = await setup();
      const rules = [rule(4, 1000, 2)];
      await run(times(4, ...rules));
      time.now -= 86_400_000;
      const sent = await run(times(3, ...rules));
      expect(sent[0]).toBeGreaterThanOrEqual(400);
      expect(sent[0]).toBeLessThanOrEqual(1001);
      expect(sent[2]).toBeLessThanOrEqual(1600);
    });

    test('clocks of two processes that differ a little do not move the past', async () => {
      const { time, run } = await setup();
      const rules = [rule(1, 1000, 1)];
      expect(await run(times(1, ...rules))).toEqual([0]);
      time.now -= 5;
      expect(await run(times(1, ...rules))).toEqual([1005]);
    });

    test('a limit whose numbers were changed holds from the next request on', async () => {
      const { run, time } = await setup();
      const at = async (requests: readonly Request[]) => {
        const start = time.now;
        return (await run(requests)).map((one) => start + (one ?? 0));
      };
      const slow = await at(times(4, rule(4, 1000, 4)));
      const fast = await at(times(10, rule(10, 1000, 2)));
      expect(fullestWindow([...slow, ...fast], 1000)).toBeLessThanOrEqual(10);
      const slower = await at(times(4, rule(2, 1000, 1)));
      expect(fullestWindow([...fast.slice(-1), ...slower], 1000)).toBeLessThanOrEqual(2);
    });

    test('what waits is told when its turn can come, and so does what waits behind it', async () => {
      const { take } = await setup();
      const rules = [rule(1, 1000, 1)];
      await take(rules);
      const waits = [await take(rules), await take(rules)];
      expect(waits).toMatchObject([{ waitMs: 1000 }, { waitMs: 2000, askInMs: 1000, crowded: false }]);
    });
  });

  describe('the queue for permits', () => {
    const one = [rule(1, 100, 1)];
    const sentIn = (sent: readonly (number | undefined)[]) =>
      [...sent.keys()].toSorted((a, b) => (sent[a] ?? Infinity) - (sent[b] ?? Infinity));

    test('lower ranks go first, equal ones in the order of their coming, whichever process they are in', async () => {
      const { run } = await setup();
      const ranks = [3, 2, 3, 0, 1, 2, 0];
      const sent = await run(ranks.map((rank, at) => ({ at, rank, rules: one, store: at % 2 })));
      // The first one came alone.
      expect(sentIn(sent)).toEqual([0, 3, 6, 4, 1, 5, 2]);
    });

    test('nobody starves: a rank that never gets its turn still gets every tenth permit', async () => {
      const { run } = await setup();
      const busy = Array.from({ length: 200 }, (_, at) => ({ at: at * 50, rank: 0, rules: one }));
      const patient = Array.from({ length: 5 }, (_, at) => ({ at: 10 + at, rank: 3, rules: one }));
      const sent = await run([...busy, ...patient]);
      const order = sentIn(sent);
      const places = patient.map((_, index) => order.indexOf(busy.length + index));
      expect(places).toEqual([9, 19, 29, 39, 49]);
    });

    test('whoever leaves makes room: those behind go one turn earlier', async () => {
      const { run } = await setup();
      const slow = [rule(1, 5000, 1)];
      const waiting = [{ rules: slow }, { at: 1, rules: slow, leavesAt: 2000 }, { at: 2, rules: slow }];
      const [, left, next] = await run(waiting);
      expect([left, next]).toEqual([undefined, 5000]);
    });

    test('a waiter whose process was killed is passed over after a moment', async () => {
      const { run } = await setup();
      const slow = [rule(1, 2000, 1)];
      const [, dead, next] = await run([{ rules: slow }, { at: 1, rules: slow, diesAt: 900 }, { at: 2, rules: slow }]);
      expect(dead).toBeUndefined();
      expect(next).toBeLessThanOrEqual(2300);
    });

    test('those for other limits of the scope are not in each other’s way', async () => {
      const { run } = await setup();
      const other = [rule(1, 100, 1, { name: 'tier3:conversations.history' })];
      const sent = await run([...times(5, ...one), { at: 1, rank: 3, rules: other }]);
      expect(sent.at(-1)).toBe(1);
    });
  });

  describe('requests in flight', () => {
    const permitOf = (answer: PermitAnswer): Permit => {
      if (!('permit' in answer)) throw new Error(`it waits: ${JSON.stringify(answer)}`);
      return answer.permit;
    };
    const narrow = [rule(100, 1000, 100, { concurrency: 2 })];

    test('no more than the limit allows are in flight at once, over all processes', async () => {
      const { run } = await setup();
      const sent = await run(Array.from({ length: 6 }, (_, at) => ({ rules: narrow, flightMs: 500, store: at % 2 })));
      expect(sent.map((time) => Math.floor((time ?? 0) / 500))).toEqual([0, 0, 1, 1, 2, 2]);
    });

    test('whoever waits for another to land is told so, and has a turn as soon as it has', async () => {
      const { one, take } = await setup();
      const first = permitOf(await take(narrow));
      await take(narrow);
      const answer = await take(narrow);
      expect(answer).toMatchObject({ crowded: true, waitMs: 0, askInMs: 2 });
      await one.settlePermit(first, { answered: true });
      permitOf(await take(narrow, { ticket: 'ticket' in answer ? answer.ticket : undefined }));
    });

    test('as long as one is in flight nobody knows when the provider counts it: those who need its place look for its landing', async () => {
      const { one, time, take } = await setup();
      const single = [rule(1, 1000, 1)];
      const permit = permitOf(await take(single));
      time.now += 1200;
      const answer = await take(single);
      expect(answer).toMatchObject({ waitMs: 0, askInMs: 150, crowded: true });
      await one.settlePermit(permit, { answered: true });
      expect(await take(single, { ticket: 'ticket' in answer ? answer.ticket : undefined })).toMatchObject({
        ...{ waitMs: 1000, crowded: false },
      });
    });

    test('whoever is further behind takes no place in the window before it is free, though one after it is', async () => {
      const { one, time, take } = await setup();
      const three = [rule(3, 1000, 3)];
      const [late, ...quick] = [await take(three), await take(three), await take(three)].map(permitOf);
      time.now += 10;
      for (const permit of quick) await one.settlePermit(permit, { answered: true });
      time.now += 1100;
      // The first one waits for the late request; a second one would be given its place, not the next one, if it went.
      expect(await take(three)).toMatchObject({ crowded: true });
      expect(await take(three)).toMatchObject({ crowded: true });
      if (late) await one.settlePermit(late, { answered: true });
      expect(await take(three)).toMatchObject({ crowded: false });
    });

    test('one that was given up may still arrive: its place in the window is kept for two seconds more', async () => {
      const { one, time, take } = await setup();
      const single = [rule(1, 1000, 1)];
      const permit = permitOf(await take(single));
      time.now += 300;
      await one.settlePermit(permit, { answered: false });
      expect(await take(single)).toMatchObject({ waitMs: 3000, crowded: false });
    });

    test('a permit whose process is gone lands by itself; one that is renewed does not', async () => {
      const { one, time, take } = await setup();
      const first = permitOf(await take(narrow));
      await take(narrow);
      time.now += TTL_MS - 1;
      await one.renewPermit(first, TTL_MS);
      const waiting = await take(narrow);
      expect(waiting).toMatchObject({ crowded: true });
      time.now += 1;
      permitOf(await take(narrow, { ticket: 'ticket' in waiting ? waiting.ticket : undefined }));
      expect(await take(narrow)).toMatchObject({ crowded: true });
    });
  });

  describe('what the provider says of its quota', () => {
    const rules = [rule(100, 60_000, 100)];
    const one = (left: { remaining?: number; resetMs?: number }) => async () => {
      const made = await setup();
      const answer = await made.take(rules);
      if ('permit' in answer)
        await made.one.settlePermit(answer.permit, { answered: true, left: { limit: 100, ...left } });
      return made;
    };

    test('no more than is left goes before it is renewed', async () => {
      const { run } = await one({ remaining: 2, resetMs: 30_000 })();
      expect(await run(times(4, ...rules))).toEqual([0, 0, 30_000, 30_000]);
    });

    test('a quota that is spent holds until it is renewed; without a time, for one beat of the limit', async () => {
      expect(await (await one({ remaining: 0, resetMs: 30_000 })()).run(times(1, ...rules))).toEqual([30_000]);
      expect(await (await one({ remaining: 0 })()).run(times(1, ...rules))).toEqual([600]);
    });

    test('what is still in flight is taken off, and of two readings of one window the lower counts', async () => {
      const { one: store, take, run } = await setup();
      const permits = [await take(rules), await take(rules), await take(rules)].map((answer) =>
        'permit' in answer ? answer.permit : { scope: '', places: [] },
      );
      const [a, b, c] = permits as [Permit, Permit, Permit];
      await store.settlePermit(b, { answered: true, left: { remaining: 5, resetMs: 30_000 } });
      await store.settlePermit(a, { answered: true, left: { remaining: 6, resetMs: 30_900 } });
      expect(await run(times(4, ...rules))).toEqual([0, 0, 0, 30_900]);
      await store.settlePermit(c, { answered: true });
    });

    test('more than our own limit allows does not widen it', async () => {
      const { run } = await one({ remaining: 5000, resetMs: 30_000 })();
      expect((await run(times(100, ...rules))).at(-1)).toBe(60_000);
    });
  });

  describe('the view of limits', () => {
    test('tells what was used, what is free, who waits and what the provider said, and changes nothing', async () => {
      const { one, two, take } = await setup();
      const rules = [rule(2, 1000, 2, { name: 'second', concurrency: 3 })];
      const first = await take(rules);
      if ('permit' in first)
        await one.settlePermit(first.permit, { answered: true, left: { limit: 10, remaining: 9, resetMs: 500 } });
      await take(rules);
      await take(rules);
      await one.holdPermits('s', rules, 700);
      const state = {
        ...{ scope: 's', name: 'second', permits: 2, perMs: 1000, burst: 2, concurrency: 3 },
        ...{ used: 2, free: 0, nextInMs: 1000, inFlight: 1, waiting: 1, holdMs: 700 },
        said: { limit: 10, remaining: 9, resetMs: 500, at: NOW },
      };
      expect(await two.limitStates(['s', 'none'])).toEqual([state]);
      expect(await two.limitStates(['s'])).toEqual([state]);
    });
  });

  describe('permits, whatever happens', () => {
    const anyRule = fc
      .record({
        permits: fc.integer({ min: 1, max: 12 }),
        perMs: fc.integer({ min: 20, max: 5000 }),
        burst: fc.integer({ min: 1, max: 15 }),
        concurrency: fc.integer({ min: 1, max: 20 }),
      })
      .map(({ permits, perMs, burst, concurrency }) => rule(permits, perMs, burst, { concurrency }));
    const anyRequests = fc.array(
      fc.record({
        gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 })),
        rank: fc.integer({ min: 0, max: 3 }),
        // Time on the way beyond the least, and how much of it before the provider counts.
        delay: fc.integer({ min: 0, max: 19 }),
        part: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40 },
    );

    test('property: the provider counts no window over the limit, and no moment sends over the burst', async () => {
      const { run } = await setup();
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyRule, { minLength: 1, maxLength: 3 }), anyRequests, async (unnamed, asked) => {
          const rules = unnamed.map((each, index) => ({ ...each, name: `rule ${index}` }));
          const scope = `property ${round++}`;
          let at = 0;
          const requests = asked.map(({ gap, rank, delay }, index) => {
            at += gap;
            return { at, rank, scope, rules, flightMs: 20 + (index === 0 ? 0 : delay), store: index % 2 };
          });
          const sent = await run(requests);
          expect(sent).not.toContain(undefined);
          const counted = sent.map((time, index) => {
            const { delay = 0, part = 0 } = asked[index] ?? {};
            return (time ?? 0) + (index === 0 ? 0 : delay * part);
          });
          for (const { permits, perMs, burst, concurrency } of rules) {
            expect(fullestWindow(counted, perMs)).toBeLessThanOrEqual(permits);
            // Where the limit itself allows several in one millisecond, that many may share one.
            expect(fullestWindow(sent, 1)).toBeLessThanOrEqual(Math.max(burst, Math.ceil(permits / perMs)));
            expect(fullestWindow(sent, 20)).toBeLessThanOrEqual(concurrency);
          }
        }),
        { numRuns },
      );
    });

    test('property: whoever keeps asking gets the whole of the limit', async () => {
      const { run } = await setup();
      let round = 0;
      await fc.assert(
        fc.asyncProperty(anyRule, fc.integer({ min: 1, max: 40 }), async (only, count) => {
          const wide = { ...only, name: `rule ${round++}`, concurrency: 1000 };
          const sent = await run(times(count, wide));
          for (const [index, time] of sent.entries()) {
            // A beat of the limit for each, a millisecond for each turn of a window, and one for the timer.
            const late = 2 + index + Math.ceil(index / only.permits);
            expect(time).toBeLessThanOrEqual(Math.ceil((index * only.perMs) / only.permits) + late);
          }
        }),
        { numRuns },
      );
    });
  });
}
