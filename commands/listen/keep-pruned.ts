import type { Clock } from '../../src/clock.ts';
import { isPassingStoreTrouble, type LwiError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';

export interface Pruning {
  readonly store: Pick<Store, 'pruneEvents'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of trouble with the store that is waited out, and of each time that the store has done what it was asked. */
  trouble(error: LwiError): void;
  well(): void;
}

/**
 * How long forwarded events are remembered, so that they are known when they come again, ms; and how often older ones are dropped, how many at once, and what
 * others have between two of these.
 */
const PRUNE = { keepMs: 30 * 86_400_000, everyMs: 60_000, most: 500, pauseMs: 200 };

/** Drops what was forwarded long ago, until stopped. Throws the signal's reason, or trouble of the store that waiting would not end. */
export async function keepPruned({ store, clock, signal, trouble, well }: Pruning): Promise<never> {
  for (let pause = PRUNE.everyMs; ; ) {
    await clock.sleep(pause, signal);
    pause = PRUNE.everyMs;
    try {
      const gone = await store.pruneEvents(clock.now() - PRUNE.keepMs, PRUNE.most);
      well();
      // As many as came in a minute may be more than one transaction should take.
      if (gone === PRUNE.most) pause = PRUNE.pauseMs;
    } catch (error) {
      if (!isPassingStoreTrouble(error)) throw error;
      trouble(error);
    }
  }
}
