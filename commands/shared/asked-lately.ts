import type { Clock } from '../../src/clock.ts';

/** How old an answer may be, ms: less than any command takes that would change it. */
const LATELY_MS = 50;

/** Asks, and gives all that ask within a moment the same answer, so that a burst of deliveries does not read the same rows for each of them. A failure is not kept. */
export function askedLately<Answer>(clock: Pick<Clock, 'now'>, ask: () => Promise<Answer>): () => Promise<Answer> {
  let last: { readonly at: number; readonly answer: Promise<Answer> } | undefined;
  return () => {
    const now = clock.now();
    if (last && Math.abs(now - last.at) < LATELY_MS) return last.answer;
    const asked = { at: now, answer: ask() };
    last = asked;
    asked.answer.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.answer;
  };
}
