import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateWindows, type WindowClaim } from '../../src/mock/rate-window.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 });
const rule = fc.record({ permits: fc.integer({ min: 1, max: 6 }), perMs: fc.integer({ min: 1, max: 100 }) });
const rules = fc.array(rule, { minLength: 1, maxLength: 3 });

test('a request is refused exactly when it would be one too many in a window, and let through when it was told', () => {
  fc.assert(
    fc.property(gaps, rules, (steps, of) => {
      const windows = createRateWindows(1);
      const claims = [{ key: 'k', rules: of }];
      const passed: number[] = [];
      const fits = (at: number) =>
        of.every(({ permits, perMs }) => passed.filter((time) => time > at - perMs).length < permits);
      let now = 0;
      for (const step of steps) {
        now += step;
        const wait = windows.take(claims, now);
        expect({ now, passes: wait === 0 }).toEqual({ now, passes: fits(now) });
        if (wait === 0) passed.push(now);
        else expect([fits(now + wait - 1), fits(now + wait)]).toEqual([false, true]);
      }
    }),
  );
});

test('what a window says of itself is what it does', () => {
  fc.assert(
    fc.property(gaps, rule, (steps, of) => {
      const windows = createRateWindows(1);
      const claims: WindowClaim[] = [{ key: 'k', rules: [of] }];
      let now = 0;
      for (const step of steps) {
        now += step;
        windows.take(claims, now);
        const [state] = windows.state(claims, now);
        const at = (later: number) => windows.state(claims, now + later)[0]?.remaining;
        expect(state).toMatchObject({ ...of, remaining: at(0) });
        const { remaining = 0, nextMs = 0, fullMs = 0 } = state ?? {};
        expect([at(nextMs - 1), at(fullMs - 1) === of.permits, at(fullMs)]).toEqual([remaining, false, of.permits]);
        expect(at(nextMs)).toBeGreaterThan(remaining);
        expect(windows.state(claims, now)).toEqual([state]);
      }
    }),
  );
});

test('who is refused by one of several keys is counted by none', () => {
  const windows = createRateWindows(2);
  const all = { key: 'all', rules: [{ permits: 3, perMs: 1000 }] };
  const few = { key: 'few', rules: [{ permits: 1, perMs: 4000 }] };
  expect(windows.take([all, few], 0)).toBe(0);
  expect(windows.take([all, few], 0)).toBe(2000);
  expect(windows.state([all, few], 0)).toEqual([
    { permits: 3, perMs: 500, remaining: 2, nextMs: 500, fullMs: 500 },
    { permits: 1, perMs: 2000, remaining: 0, nextMs: 2000, fullMs: 2000 },
  ]);
  expect([windows.take([all], 0), windows.take([all], 0), windows.take([all], 0)]).toEqual([0, 0, 500]);
});
