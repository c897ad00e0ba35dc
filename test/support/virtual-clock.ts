import type { Clock } from '../../src/clock.ts';

/** Monday 5 January 2026, 10:00 UTC, ms. */
export const START = Date.UTC(2026, 0, 5, 10);

/** Time that stands still until it is told to go on; sleepers wake in their order. */
export interface VirtualClock extends Clock {
  /** How long each sleep was asked to be, ms, oldest first. */
  readonly slept: readonly number[];
  /** Sets the time by so many ms, back if negative, without waking anybody: a clock that is corrected. */
  jump(ms: number): void;
  /** Lets `ms` pass; whoever's time has come goes on, one after the other. */
  advance(ms: number): Promise<void>;
  /** Lets time pass, from sleeper to sleeper, until the work has ended; for work that waits for nothing but this clock. */
  until<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function virtualClock(start = START): VirtualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  const slept: number[] = [];
  const next = () => [...sleepers].sort((a, b) => a.at - b.at)[0];

  /** Wakes the next sleeper, if its time is not after `limit`. */
  function wakeNext(limit: number): boolean {
    const sleeper = next();
    if (!sleeper || sleeper.at > limit) return false;
    now = Math.max(now, sleeper.at);
    sleepers.delete(sleeper);
    sleeper.wake();
    return true;
  }

  return {
    slept,
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        slept.push(ms);
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper = {
          at: now + ms,
          wake: () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
      }),
    jump: (ms) => {
      now += ms;
    },
    async advance(ms) {
      const end = now + ms;
      do await settled();
      while (wakeNext(end));
      now = end;
    },
    async until(work) {
      let ended = false;
      const end = () => {
        ended = true;
      };
      work.then(end, end);
      for (await settled(); !ended; await settled()) wakeNext(Number.POSITIVE_INFINITY);
      return work;
    },
  };
}

/** Resolves when everything that can go on without time or input has done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
