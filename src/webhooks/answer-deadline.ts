import { deadlineSignal } from '../clock.ts';

/** Tells when work has taken too long. */
export interface AnswerDeadline {
  /** Calls `late` unless the function that is returned is called in time, which says whether it was. */
  start(late: () => void): () => boolean;
}

/** Parts of the time that is given: so much later than asked `late` may be called. */
const STEPS = 8;

/** One deadline of `ms` for each of any number of works, with one timer for all. */
export function answerDeadline(ms: number): AnswerDeadline {
  let step = 0;
  let waiting = false;
  /** In the order in which they began. */
  const works = new Set<{ readonly end: number; readonly late: () => void }>();

  function wait(): void {
    if (waiting || works.size === 0) return;
    waiting = true;
    deadlineSignal(ms / STEPS).signal.addEventListener('abort', look, { once: true });
  }

  function look(): void {
    waiting = false;
    step += 1;
    for (const work of works) {
      if (work.end > step) break;
      works.delete(work);
      work.late();
    }
    wait();
  }

  return {
    start(late) {
      // The step under way may be nearly over.
      const work = { end: step + STEPS + 1, late };
      works.add(work);
      wait();
      return () => works.delete(work);
    },
  };
}
