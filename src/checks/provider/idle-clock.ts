import type { Clock } from '../../clock.ts';

/**
 * Time that passes only while everybody waits for it: a wait of a minute costs nothing, and all see it pass. It stands still while `busy` work is
 * under way (a request on the wire).
 */
export interface IdleClock extends Clock {
  /** Moves the time, ms, without waking anybody. */
  jump(ms: number): void;
  busy<T>(work: () => Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** `start`: ms since the epoch. */
export function idleClock(start: number): IdleClock {
  let now = start;
  let working = 0;
  let watching = false;
  const sleepers = new Set<Sleeper>();

  function watch(): void {
    if (watching || working > 0 || sleepers.size === 0) return;
    watching = true;
    void settled().then(() => {
      watching = false;
      if (working === 0) wakeNext();
      watch();
    });
  }

  function wakeNext(): void {
    const [next] = [...sleepers].sort((a, b) => a.at - b.at);
    if (!next) return;
    now = Math.max(now, next.at);
    sleepers.delete(next);
    next.wake();
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { at: now + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', stop, { once: true });
        watch();
      }),
    jump: (ms) => {
      now += ms;
    },
    async busy(work) {
      working += 1;
      try {
        return await work();
      } finally {
        working -= 1;
        watch();
      }
    },
  };
}

/** Resolves when everything that can go on without time or input has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
