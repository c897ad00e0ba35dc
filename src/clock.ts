/** Time as an argument: milliseconds since the epoch, and a wait that an AbortSignal ends. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. Waits of any length are allowed. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that nobody sets: ms since some moment, the same for all processes of one boot of one machine. */
export interface Uptime {
  /** Tells one boot, and one name space of time, from another. */
  readonly boot: string;
  /** Grows while the machine is awake; stands still while it sleeps. Fractional. */
  readonly ms: number;
}

/**
 * The time since this machine was started: Linux' CLOCK_MONOTONIC, which neither a corrected clock nor a suspended laptop moves (clock_gettime(2)).
 * Undefined where the system has no name for its boot.
 */
export function systemUptime(): Uptime | undefined {
  boot ??= bootOf();
  return boot === '' ? undefined : { boot, ms: Number(process.hrtime.bigint()) / 1e6 };
}

let boot: string | undefined;

/** Containers on one machine share the boot, but may count time from another start (time_namespaces(7)). */
function bootOf(): string {
  try {
    const { readFileSync, readlinkSync } = process.getBuiltinModule('node:fs');
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/time')}`;
  } catch {
    return '';
  }
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
 * A signal that aborts with a TimeoutError after `ms`, or earlier with `parent`. Call `done()` when the work has ended, so that no timer is left behind.
 * `over()` knows the time itself: while work blocks this process, no timer aborts anything.
 */
export function deadlineSignal(
  ms: number,
  parent?: AbortSignal,
): { signal: AbortSignal; over: () => boolean; done: () => void } {
  const controller = new AbortController();
  const end = performance.now() + ms;
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
  return { signal: controller.signal, over: () => controller.signal.aborted || performance.now() >= end, done };
}
