import { systemClock } from '../../clock.ts';

/** A database that starts again is waited for so long, ms: an hour's work is not lost for it. Pauses grow between these, ms. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = { first: 25, longest: 1000 };
/** A wait longer than this, ms, is told. */
const NOTICED_MS = 1000;

export interface Patience {
  /**
   * Attempts until one succeeds, as long as there is something to be patient for. `passes`: whether what the last one threw will pass, and may be asked again.
   * Throws what the last attempt threw, or why the process stops, at once.
   */
  through<T>(attempt: (again: boolean) => Promise<T>, passes: (error: unknown, again: boolean) => boolean): Promise<T>;
  /** What `connecting` gives, unless the process stops meanwhile; then what comes too late is given `back`. */
  unlessStopped<T>(connecting: Promise<T>, back: (late: T) => void): Promise<T>;
}

export interface PatienceOptions {
  /** Whether the process does what a short absence of the database must not end. Asked each time. */
  applies(): boolean;
  /** Aborts when the process is to stop. */
  readonly signal?: AbortSignal | undefined;
  /** Told once for each absence. */
  waits?(forMs: number): void;
}

/** How a process waits for a database that is away for moments. */
export function patience({ applies, signal, waits }: PatienceOptions): Patience {
  /** Whether the absence that lasts was told. */
  let told = false;
  return {
    async through(attempt, passes) {
      const began = performance.now();
      for (let pause = 0; ; ) {
        try {
          const done = await attempt(pause > 0);
          told = false;
          return done;
        } catch (error) {
          const waited = performance.now() - began;
          if (signal?.aborted || !applies() || waited >= PATIENCE_MS || !passes(error, pause > 0)) throw error;
          if (waited >= NOTICED_MS && !told) {
            told = true;
            waits?.(PATIENCE_MS);
          }
        }
        pause = Math.min(pause * 2 || PAUSE_MS.first, PAUSE_MS.longest);
        await systemClock.sleep(pause, signal);
      }
    },

    async unlessStopped(connecting, back) {
      if (!signal || signal.aborted) return connecting;
      let stop = () => {};
      const stopped = new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason);
      });
      signal.addEventListener('abort', stop, { once: true });
      try {
        return await Promise.race([connecting, stopped]);
      } catch (error) {
        connecting.then(back, () => {});
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
