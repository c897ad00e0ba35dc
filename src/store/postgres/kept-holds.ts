import type { WorkHold } from '../inbox.ts';
import type { Hold, Holds } from './holds.ts';

/** A right that this process has, or had until another one took it. */
export interface KeptHold extends Pick<Hold, 'name' | 'generation'> {
  readonly key: readonly string[];
  /** Another one has taken it. */
  lost: boolean;
}

/** The rights to one kind of work that this process has: what it writes under one of them names its generation. */
export interface KeptHolds {
  /** Undefined when another one has it. */
  take(key: readonly string[]): Promise<WorkHold | undefined>;
  of(key: readonly string[]): KeptHold | undefined;
  all(): readonly KeptHold[];
}

/** `kind` begins the name of each right; `now`: wall clock, ms since the epoch. */
export function keptHolds(holds: Holds, kind: string, now: () => number): KeptHolds {
  const kept = new Map<string, KeptHold>();
  return {
    async take(key) {
      const hold = await holds.take([kind, ...key], kind, now());
      if (!hold) return undefined;
      const { name, generation } = hold;
      const own: KeptHold = { name, generation, key, lost: false };
      kept.set(idOf(key), own);
      return {
        held: () => !own.lost && hold.held(),
        release: async () => {
          if (kept.get(idOf(key)) === own) kept.delete(idOf(key));
          await hold.release();
        },
      };
    },
    of: (key) => kept.get(idOf(key)),
    all: () => [...kept.values()],
  };
}

const idOf = (key: readonly string[]) => key.join('\0');
