import { describe, expect, it } from 'vitest';
import { pacer } from '../src/pacer.ts';
import { virtualClock } from './support/virtual-clock.ts';

const RUNNING = new AbortController().signal;

describe('pacer', () => {
  it('the first goes at once, and each one after it when its time has come', async () => {
    const clock = virtualClock();
    const began = clock.now();
    const turns = pacer(clock, 250);
    const at: number[] = [];
    await clock.until(
      (async () => {
        for (let i = 0; i < 5; i++) {
          await turns.turn(RUNNING);
          at.push(clock.now() - began);
        }
      })(),
    );
    expect(at).toEqual([0, 250, 500, 750, 1000]);
  });

  it('timers that are late by a little change nothing in the rate', async () => {
    let now = 0;
    const sleep = async (ms: number) => {
      now += ms + 2;
    };
    const clock = { now: () => now, sleep };
    const turns = pacer(clock, 10);
    for (let i = 0; i < 101; i++) await turns.turn(RUNNING);
    expect(now).toBeGreaterThanOrEqual(1000);
    expect(now).toBeLessThanOrEqual(1002);
  });

  it('a stall is not followed by a burst', async () => {
    const clock = virtualClock();
    const turns = pacer(clock, 100);
    await turns.turn(RUNNING);
    clock.jump(10_000);
    await turns.turn(RUNNING);
    const third = turns.turn(RUNNING);
    await clock.advance(70);
    const early = await Promise.race([third.then(() => 'went'), Promise.resolve('waits')]);
    expect(early).toBe('waits');
    await clock.until(third);
    expect(clock.slept).toEqual([80]);
  });

  it('a clock that is set back does not hold it up', async () => {
    const clock = virtualClock();
    const turns = pacer(clock, 100);
    await turns.turn(RUNNING);
    clock.jump(-3_600_000);
    await clock.until(turns.turn(RUNNING));
    await clock.until(turns.turn(RUNNING));
    expect(clock.slept).toEqual([120, 100]);
  });

  it('a stop ends the wait with its reason', async () => {
    const stop = new AbortController();
    const turns = pacer(virtualClock(), 1000);
    await turns.turn(stop.signal);
    const waiting = turns.turn(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(turns.turn(stop.signal)).rejects.toThrow('stopped');
  });
});
