import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

export interface Question {
  readonly url: string;
  readonly sql: string;
  /** Absent: several statements. */
  readonly values?: readonly (string | number)[];
}

export interface Answer {
  readonly rows: readonly unknown[];
  readonly error?: string;
}

/** No statement of a test takes longer, ms. */
const LONGEST_MS = 20_000;

let asked: ((question: Question) => Answer) | undefined;

/** Rows from a PostgreSQL database, waited for in place, as those of SQLite come: tests read either in one way. */
export function queryPostgres(question: Question): unknown[] {
  asked ??= thread();
  const { rows, error } = asked(question);
  if (error !== undefined) throw new Error(`${question.sql}: ${error}`);
  return [...rows];
}

/** A thread that asks, while this one stands still. */
function thread(): (question: Question) => Answer {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./postgres-thread.ts', import.meta.url), {
    workerData: { signal, port: port2 },
    transferList: [port2],
  });
  // Neither keeps the process of the tests alive.
  worker.unref();
  port1.unref();
  return (question) => {
    Atomics.store(signal, 0, 0);
    worker.postMessage(question);
    if (Atomics.wait(signal, 0, 0, LONGEST_MS) === 'timed-out') throw new Error(`no answer to ${question.sql}`);
    return receiveMessageOnPort(port1)?.message as Answer;
  };
}
