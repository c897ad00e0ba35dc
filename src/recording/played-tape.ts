import { LwiError } from '../errors.ts';
import { fromRecord } from './error-record.ts';
import type { TapeEvent } from './har.ts';
import type { Recording } from './har-reader.ts';

/** What a recorded run was told, to be told again. */
export interface PlayedTape {
  /** The next answer to a question; undefined when there are no more. */
  next(question: string): TapeEvent | undefined;
  /** The value of the next answer, or its error thrown. Throws NOT_RECORDED when there is none; `what` says then what is missing. */
  answer(question: string, what?: string): unknown;
  /** Ends the run as the recorded one was ended, if the recorded one was stopped. */
  stopHere(): void;
}

/** `stop` aborts the run. */
export function playTape({ path, run }: Recording, stop: (reason: LwiError) => void): PlayedTape {
  const queues = new Map<string, TapeEvent[]>();
  for (const event of run?.events.toReversed() ?? []) {
    const queue = queues.get(event.ask);
    if (queue) queue.push(event);
    else queues.set(event.ask, [event]);
  }
  const next = (question: string) => queues.get(question)?.pop();
  const stopHere = () => {
    if (!run?.stopped) return;
    const reason = fromRecord(run.stopped);
    stop(reason);
    throw reason;
  };
  return {
    next,
    stopHere,
    answer: (question, what) => {
      const event = next(question);
      if (!event) {
        stopHere();
        throw new LwiError('NOT_RECORDED', `${path} was recorded without ${what ?? `an answer to "${question}"`}.`);
      }
      if (event.error) throw fromRecord(event.error);
      return event.value;
    },
  };
}
