import type { Worker } from 'node:worker_threads';
import { LwiError } from '../../errors.ts';
import type { Inbox } from '../inbox.ts';
import { type BatchReply, toEventBatch } from './event-batch.ts';
import { startAcceptThread } from './start-accept-thread.ts';

/**
 * How long a batch waits for another process that writes, ms. One may wait behind another, and whoever sent what is in it wants an answer within three seconds.
 */
const PATIENCE_MS = 1100;

export interface EventWriter extends Pick<Inbox, 'acceptEvents'> {
  /** After what is under way. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (results: readonly ('new' | 'duplicate')[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Waiting[];
}

/** Stores events of the database at `path` in a thread, which is started for the first batch, and again should it ever end. */
export function eventWriter(path: string): EventWriter {
  let thread: Thread | undefined;

  function start(): Thread {
    /** In the order in which this thread answers: another one that takes its place has a list of its own. */
    const waiting: Waiting[] = [];
    const started = startAcceptThread(path, PATIENCE_MS);
    const ended = (cause?: unknown) => {
      if (thread?.worker === started) thread = undefined;
      for (const { reject } of waiting.splice(0)) {
        reject(new LwiError('INTERNAL', 'The thread that stores events has ended by itself.', { cause }));
      }
    };
    started
      .on('error', ended)
      .on('messageerror', ended)
      .on('exit', () => ended());
    started.on('message', (reply: BatchReply) => {
      const next = waiting.shift();
      if (waiting.length === 0) started.unref();
      if ('isNew' in reply) next?.resolve(reply.isNew.map((isNew) => (isNew ? 'new' : 'duplicate')));
      else next?.reject(reply.code ? new LwiError(reply.code, reply.message) : new Error(reply.message));
    });
    return { worker: started, waiting };
  }

  return {
    acceptEvents: (events) =>
      new Promise((resolve, reject) => {
        thread ??= start();
        const { worker, waiting } = thread;
        // A command that has nothing else to do waits for what is being stored, not for the thread.
        worker.ref();
        waiting.push({ resolve, reject });
        const batch = toEventBatch(events);
        worker.postMessage(batch, [batch.bodies.buffer]);
      }),

    close: async () => {
      const closing = thread?.worker;
      if (!closing) return;
      const exited = new Promise((resolve) => closing.once('exit', resolve));
      closing.ref();
      closing.postMessage('close');
      await exited;
    },
  };
}
