/** Time as an argument: milliseconds since the epoch, and a wait that an AbortSignal ends. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. Waits of any length are allowed. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness as an argument: a float in [0, 1). */
export type Random = () => number;

/** Longest delay that a Node timer takes, ms (2^31 - 1); longer waits are cut into several. */
const LONGEST_TIMER = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= LONGEST_TIMER) await wait(Math.min(left, LONGEST_TIMER), signal);
    signal?.throwIfAborted();
  },
};

export const systemRandom: Random = () => Math.random();

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const done = () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(done, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * A signal that aborts with a TimeoutError after `ms`, or earlier with `parent`. Call `done()` when the work has ended,
 * so that no timer is left behind.
 */
export function deadlineSignal(ms: number, parent?: AbortSignal): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
    Math.min(ms, LONGEST_TIMER),
  );
  const stop = () => controller.abort(parent?.reason);
  if (parent?.aborted) stop();
  parent?.addEventListener('abort', stop, { once: true });
  const done = () => {
    clearTimeout(timer);
    parent?.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, done };
}
