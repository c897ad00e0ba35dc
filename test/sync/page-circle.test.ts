import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PageRequest } from '../../src/providers/stream.ts';
import { circleGuard } from '../../src/sync/page-circle.ts';

const page = (number: number): PageRequest => ({ method: 'GET', path: '/items', query: { page: String(number) } });

describe('the guard against page tokens that repeat', () => {
  it('finds every circle in a few rounds, whatever its length and the way into it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 200 }), (length, tail) => {
        const at = (step: number) => page(step < tail ? step : tail + ((step - tail) % length));
        const guard = circleGuard('items', at(0));
        const most = 4 * (length + tail) + 2;
        let step = 0;
        expect(() => {
          while (step++ < most) guard(at(step));
        }).toThrow('go round in a circle');
      }),
    );
  });

  it('takes no list of different pages for a circle', () => {
    const guard = circleGuard('items', page(0));
    for (let number = 1; number < 10_000; number++) guard(page(number));
  });
});
