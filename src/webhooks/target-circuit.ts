/**
 * Whether a target is sent to. Only its holder sends, so that its process alone must know.
 *
 * | state | may be sent at once | answers with trouble | any other answer |
 * | --- | --- | --- | --- |
 * | closed | as many as one likes | after `MOST` in a row: open | closed |
 * | open | none until the pause is over, then: probing | stays, the pause too | closed |
 * | probing | one | open, for twice the pause | closed |
 */
export interface TargetCircuit {
  /** How many more may be sent now, if `underWay` are. */
  room(underWay: number, most: number, now: number): number;
  /** How long nothing may be sent, ms; 0: something may. */
  pauseMs(now: number): number;
  /** Takes what an attempt came to. Trouble: no answer, or one that speaks of the target and not of the event (5xx, 429). True when it opened or closed. */
  ended(trouble: boolean, now: number, askedMs?: number): boolean;
  readonly open: boolean;
}

/** Failures in a row after which the target is taken to be down. */
const MOST = 5;
/** Pause before the first probe, and the longest one, ms. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export function targetCircuit(): TargetCircuit {
  let failures = 0;
  let pause = 0;
  let until = 0;

  const pauseMs = (now: number) => {
    // Longer than the pause that was set: the clock was set back.
    if (until - now > Math.max(pause, LONGEST_PAUSE_MS)) until = now;
    return Math.max(0, until - now);
  };

  return {
    get open() {
      return pause > 0;
    },
    pauseMs,
    room(underWay, most, now) {
      if (pauseMs(now) > 0) return 0;
      return Math.max(0, (pause > 0 ? 1 : most) - underWay);
    },
    ended(trouble, now, askedMs = 0) {
      const before = pause > 0;
      if (!trouble) {
        failures = 0;
        pause = 0;
        until = 0;
        return before;
      }
      failures += 1;
      const paused = pauseMs(now) > 0;
      if (before ? !paused : failures >= MOST) {
        pause = before ? Math.min(LONGEST_PAUSE_MS, pause * 2) : FIRST_PAUSE_MS;
        until = now + pause;
      }
      if (askedMs > 0 && askedMs <= LONGEST_PAUSE_MS) {
        pause = Math.max(pause, askedMs);
        until = Math.max(until, now + askedMs);
      }
      return !before && pause > 0;
    },
  };
}
