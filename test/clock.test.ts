import { describe, expect, it } from 'vitest';
import { deadlineSignal, systemClock, systemRandom } from '../src/clock.ts';
import { failureOf } from './http/support.ts';

/** Longer than any test may take, ms. */
const LONG = 3_600_000;

/** Abort listeners that are still there, which would keep a long-lived signal growing. */
function countingSignal(): { signal: AbortSignal; count: () => number } {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...words: Parameters<typeof add>) => {
    listeners += 1;
    add(...words);
  };
  signal.removeEventListener = (...words: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...words);
  };
  return { signal, count: () => listeners };
}

describe('the system clock', () => {
  it('sleeps, and not too short', async () => {
    const before = performance.now();
    await systemClock.sleep(20);
    expect(performance.now() - before).toBeGreaterThanOrEqual(19);
  });

  it('ends a sleep with the reason of the signal', async () => {
    const person = new AbortController();
    const asleep = failureOf(systemClock.sleep(LONG, person.signal));
    person.abort(new Error('stopped'));
    expect(await asleep).toEqual(new Error('stopped'));
  });

  it.each([0, 5, LONG])('does not begin a sleep of %i ms that was stopped before', async (ms) => {
    expect(await failureOf(systemClock.sleep(ms, AbortSignal.abort(new Error('stopped'))))).toEqual(
      new Error('stopped'),
    );
  });

  it('takes a sleep longer than a timer can be for what it is, and not for none', async () => {
    const person = new AbortController();
    let woke = false;
    const asleep = systemClock.sleep(2 ** 31 + 5, person.signal).then(() => {
      woke = true;
    });
    await systemClock.sleep(10);
    expect(woke).toBe(false);
    person.abort(new Error('stopped'));
    expect(await failureOf(asleep)).toEqual(new Error('stopped'));
  });

  it('leaves no listener behind on a signal', async () => {
    const { signal, count } = countingSignal();
    for (let i = 0; i < 3; i++) await systemClock.sleep(1, signal);
    expect(count()).toBe(0);
  });

  it('draws numbers from 0 up to 1', () => {
    const drawn = Array.from({ length: 100 }, systemRandom);
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
  });
});

describe('a deadline', () => {
  it('aborts with a TimeoutError that says how long it was', async () => {
    const { signal } = deadlineSignal(5);
    await systemClock.sleep(20);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'no answer within 5 ms' });
  });

  it('aborts with its parent, for its reason, also when that was before', () => {
    const parent = new AbortController();
    const { signal, done } = deadlineSignal(LONG, parent.signal);
    parent.abort(new Error('stopped'));
    const late = deadlineSignal(LONG, parent.signal);
    expect([signal.reason, late.signal.reason]).toEqual([new Error('stopped'), new Error('stopped')]);
    done();
    late.done();
  });

  it('leaves neither timer nor listener behind when the work is done', async () => {
    const { signal: parent, count } = countingSignal();
    const { signal, done } = deadlineSignal(1, parent);
    done();
    await systemClock.sleep(10);
    expect([signal.aborted, count()]).toEqual([false, 0]);
  });
});
