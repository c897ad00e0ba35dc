import { sameNumbers } from '../throttle/bucket.ts';
import type { Bookkeeping, Work } from './throttle-batch.ts';

/** So many at most share a transaction, so that none takes long. */
const MOST = 100;
/** Landings that could not be written are kept for the next transaction; no more than so many. */
const MOST_KEPT = 1000;

interface Entry {
  readonly work: Work<unknown>;
  /** It is told to the next transaction if this one fails. */
  readonly lasting: boolean;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** Work on the books of this process, one transaction after the other: what comes while one runs shares the next one. */
export interface BookQueue {
  /** Begins at once, if nothing runs. */
  add<T>(work: Work<T>): Promise<T>;
  /** The same, but it waits for the end of this turn of the event loop, so that it goes with what is asked for then; and it is not lost with a transaction. */
  addLanding(work: Work<void>): Promise<void>;
  /** Whether landings wait to be written. */
  some(): boolean;
  /** Resolves when all is written; rejects when it cannot be. */
  flush(): Promise<void>;
}

export function bookQueue(keepBooks: Bookkeeping): BookQueue {
  let pending: Entry[] = [];
  let kept: Entry[] = [];
  let running: Promise<void> | undefined;
  let due = false;

  const start = () => {
    running ??= run();
  };

  async function settle(batch: readonly Entry[]): Promise<void> {
    const all = await keepBooks(batch.map(({ work }) => work));
    for (const [at, entry] of batch.entries()) entry.done(all[at]);
  }

  async function run(): Promise<void> {
    while (pending.length > 0) {
      const { batch, rest } = apart([...kept, ...pending]);
      pending = rest;
      kept = [];
      try {
        await settle(batch);
      } catch (error) {
        kept = [...kept, ...batch.filter(({ lasting }) => lasting)].slice(-MOST_KEPT);
        for (const entry of batch) entry.failed(error);
      }
    }
    running = undefined;
  }

  const entry = <T>(work: Work<T>, lasting: boolean) =>
    new Promise<T>((resolve, reject) => {
      pending.push({ work, lasting, done: (value) => resolve(value as T), failed: reject });
    });

  return {
    some: () => kept.length > 0 || pending.some(({ lasting }) => lasting),
    add(work) {
      const added = entry(work, false);
      start();
      return added;
    },
    addLanding(work) {
      const added = entry(work, true);
      if (!due) {
        due = true;
        setImmediate(() => {
          due = false;
          start();
        });
      }
      return added;
    },
    async flush() {
      await running;
      let last: readonly Entry[] = [...kept, ...pending];
      [kept, pending] = [[], []];
      while (last.length > 0) {
        const { batch, rest } = apart(last);
        try {
          await settle(batch);
        } catch (error) {
          // Nobody writes for these any more.
          for (const entry of last) entry.failed(error);
          throw error;
        }
        last = rest;
      }
    },
  };
}

/** Those that go together: not too many, and none that knows a rule by other numbers than one before it. */
function apart(entries: readonly Entry[]): { batch: readonly Entry[]; rest: Entry[] } {
  const batch: Entry[] = [];
  const rest: Entry[] = [];
  const known = new Map<string, Entry['work']['rules'][number]>();
  for (const entry of entries) {
    const { scope, rules } = entry.work;
    const keyed = rules.map((rule) => [JSON.stringify([scope, rule.name]), rule] as const);
    const odd = keyed.some(([key, rule]) => !sameNumbers(known.get(key) ?? rule, rule));
    if (odd || batch.length === MOST) rest.push(entry);
    else {
      batch.push(entry);
      for (const [key, rule] of keyed) known.set(key, rule);
    }
  }
  return { batch, rest };
}
