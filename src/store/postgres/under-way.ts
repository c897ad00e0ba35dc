import type { KeptHold } from './kept-holds.ts';

/**
 * What this process was given to send and has not written an end of. What the database takes to be under way beside that is nobody's: the answer that would have
 * brought it here was lost.
 */
export interface UnderWay {
  taken(hold: KeptHold, events: readonly number[]): void;
  /** An end of them is written down. */
  ended(hold: KeptHold | undefined, events: readonly number[]): void;
  events(hold: KeptHold): readonly number[];
  /** No answer came to what was asked at `now`, ms since the epoch: it may have been done, or be done only after this. */
  answerLost(hold: KeptHold, now: number): void;
  /** Whether something may have been taken that never came here. */
  mayBeStray(hold: KeptHold, now: number): boolean;
}

/** How long the server may still be at a statement whose connection has broken, and some more, ms: one ends after 30 s when nobody says otherwise. */
const LONGEST_LATE_MS = 60_000;

export function underWay(): UnderWay {
  /** How often each was given: whoever is late with an end may have been given it again. */
  const given = new WeakMap<KeptHold, Map<number, number>>();
  const lostAt = new WeakMap<KeptHold, number>();

  function count(hold: KeptHold, events: readonly number[], more: 1 | -1): void {
    const counts = given.get(hold) ?? new Map<number, number>();
    given.set(hold, counts);
    for (const event of events) {
      const times = (counts.get(event) ?? 0) + more;
      if (times > 0) counts.set(event, times);
      else counts.delete(event);
    }
  }

  return {
    taken: (hold, events) => count(hold, events, 1),
    ended: (hold, events) => hold && count(hold, events, -1),
    events: (hold) => [...(given.get(hold)?.keys() ?? [])],
    answerLost: (hold, now) => void lostAt.set(hold, now),
    mayBeStray(hold, now) {
      const at = lostAt.get(hold);
      if (at === undefined) return false;
      // A clock that was set back counts as time that has passed.
      if (Math.abs(now - at) > LONGEST_LATE_MS) lostAt.delete(hold);
      return true;
    },
  };
}
