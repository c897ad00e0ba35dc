import { deadlineSignal } from '../../clock.ts';
import { LwiError } from '../../errors.ts';

/** Who may use the connections of a pool, as many at once as there are. */
export interface Lanes {
  /** What it gives, at once where that can be, is called when the connection is free again. Throws STORE_LOCKED when none becomes free. */
  enter(urgent: boolean): (() => void) | Promise<() => void>;
}

interface Waiter {
  readonly urgent: boolean;
  go(): void;
}

/**
 * Waits for one of `size` connections, at most `longestMs`: apart from the wait for a new connection, since a pool that is busy says nothing of the server.
 * One of several is kept for what is urgent, such as a lease that must be prolonged; where there is only one, that comes first.
 */
export function lanes(place: string, size: number, longestMs: number): Lanes {
  const waiting: Waiter[] = [];
  let used = 0;
  const free = (urgent: boolean) => used < (urgent ? size : Math.max(1, size - 1));

  function leave(): void {
    used -= 1;
    const next = waiting.find(({ urgent }) => urgent) ?? waiting[0];
    if (next && free(next.urgent)) next.go();
  }

  function enter(): () => void {
    used += 1;
    return once(leave);
  }

  return {
    enter: (urgent) => {
      if (free(urgent)) return enter();
      const { signal, done } = deadlineSignal(longestMs);
      return new Promise<() => void>((resolve, reject) => {
        const waiter: Waiter = {
          urgent,
          go: () => {
            end();
            resolve(enter());
          },
        };
        const late = () => {
          end();
          reject(crowded(place, size));
        };
        const end = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          signal.removeEventListener('abort', late);
          done();
        };
        waiting.push(waiter);
        signal.addEventListener('abort', late, { once: true });
      });
    },
  };
}

function once(work: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    work();
  };
}

function crowded(place: string, size: number): LwiError {
  const message = `${place}: all ${size} connections of this process are in use`;
  const hint = 'Run the command again; if it stays, write a larger `pool_size` into LWI_DATABASE_URL.';
  return new LwiError('STORE_LOCKED', message, { hint });
}
