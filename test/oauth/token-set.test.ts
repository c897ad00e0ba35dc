import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueAt, healthOf, isDue, lifetimeUsed } from '../../src/oauth/token-set.ts';
import { START } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const lasting = (ms: number) => ({ issuedAt: START, expiresAt: START + ms });

describe('the proactive refresh', () => {
  it("refreshes at 80 % of this token's own lifetime, not of one hour", () => {
    const hour = lasting(60 * MINUTE_MS);
    const halfDay = lasting(12 * 60 * MINUTE_MS);
    expect([dueAt(hour), dueAt(halfDay)]).toEqual([START + 48 * MINUTE_MS, START + 576 * MINUTE_MS]);
    expect([isDue(hour, START + 48 * MINUTE_MS - 1), isDue(hour, START + 48 * MINUTE_MS)]).toEqual([false, true]);
    expect(isDue(halfDay, START + 48 * MINUTE_MS)).toBe(false);
  });

  it('is never due for a token without expiry', () => {
    const eternal = { issuedAt: START };
    expect([dueAt(eternal), isDue(eternal, Number.MAX_SAFE_INTEGER), lifetimeUsed(eternal, START)]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  it('is due when the clock jumped to before the time of issue, and bears with small corrections', () => {
    const token = lasting(60 * MINUTE_MS);
    expect([isDue(token, START - 5 * MINUTE_MS), isDue(token, START - 5 * MINUTE_MS - 1)]).toEqual([false, true]);
  });

  it('lies within the life of the token, whatever that is', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 12 }), (life) => {
        const due = dueAt(lasting(life)) ?? Number.NaN;
        expect(due).toBeGreaterThanOrEqual(START);
        expect(due).toBeLessThanOrEqual(START + life);
      }),
    );
  });
});

describe('the health of a connection', () => {
  const token = { ...lasting(100_000), accessToken: new Uint8Array(), tokenType: 'bearer', scopes: [] };

  it.each([
    [0, 'valid'],
    [79_999, 'valid'],
    [80_000, 'due'],
    [99_999, 'due'],
    [100_000, 'expired'],
  ])('after %i of 100,000 ms is %s', (passed, health) => {
    expect(healthOf({ state: 'active', token }, START + passed)).toBe(health);
  });

  it('is reconnect when the provider has ended it, whatever its age', () => {
    expect(healthOf({ state: 'reconnect', token }, START)).toBe('reconnect');
  });
});

describe('the share of the lifetime that has passed', () => {
  it.each([
    [-1000, 0],
    [0, 0],
    [25_000, 0.25],
    [100_000, 1],
    [900_000, 1],
  ])('after %i of 100,000 ms is %d', (passed, share) => {
    expect(lifetimeUsed(lasting(100_000), START + passed)).toBe(share);
  });

  it('is not known for a token that never lived', () => expect(lifetimeUsed(lasting(0), START)).toBeUndefined());
});
