import type { Clock } from './clock.ts';

/** A sleep that somebody can end, for loops that wait for a time or for news. */
export interface Alarm {
  /** Ends the sleep of now, or else the next one. */
  ring(): void;
  /** Resolves after `ms`, or when rung; rejects with the signal's reason when aborted. One sleeper at a time. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export function createAlarm(clock: Clock): Alarm {
  let rung = false;
  let sleeping: AbortController | undefined;
  return {
    ring() {
      rung = true;
      sleeping?.abort();
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      const nap = new AbortController();
      const stop = () => nap.abort();
      signal.addEventListener('abort', stop, { once: true });
      sleeping = nap;
      if (rung) nap.abort();
      try {
        await clock.sleep(ms, nap.signal);
      } catch (error) {
        if (!nap.signal.aborted) throw error;
      } finally {
        signal.removeEventListener('abort', stop);
        sleeping = undefined;
        rung = false;
      }
      signal.throwIfAborted();
    },
  };
}
