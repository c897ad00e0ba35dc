import type { Landing, Permit } from '../permits.ts';
import type { Books } from '../throttle/books.ts';
import { land } from '../throttle/landing.ts';
import type { SqliteDatabase } from './database.ts';
import { inBooks } from './throttle-books.ts';
import type { ThrottleClock } from './throttle-clock.ts';

/** Requests that have landed and are not written down yet. */
export interface Landings {
  /** Resolves when it is written: at the end of this turn of the event loop, or before with whatever is written next. */
  add(permit: Permit, landing: Landing): Promise<void>;
  /** Whether there are any. */
  some(): boolean;
  /** Notes them all in the books of a write transaction. */
  write(books: Books): void;
  /** The same in a transaction of its own, if there are any. */
  flush(): Promise<void>;
}

/** One call after the other lands and takes its next permit in one transaction instead of two. `now`: the wall clock, ms since the epoch. */
export function landingQueue(db: SqliteDatabase, clock: ThrottleClock, now: () => number): Landings {
  let waiting: { permit: Permit; landing: Landing; sampled: number; saidAt: number }[] = [];
  let turn: Promise<void> | undefined;
  const write = (books: Books) => {
    if (waiting.length === 0) return;
    const all = waiting;
    const ahead = clock.tell() - clock.sample();
    for (const { permit, landing, sampled, saidAt } of all) {
      land(books, permit, landing, { at: sampled + ahead, saidAt });
    }
    waiting = [];
  };
  const flush = async () => {
    if (waiting.length > 0) await inBooks(db, clock, write);
  };
  return {
    some: () => waiting.length > 0,
    write,
    flush,
    add(permit, landing) {
      waiting.push({ permit, landing, sampled: clock.sample(), saidAt: Math.floor(now()) });
      turn ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        turn = undefined;
        return flush();
      });
      return turn;
    },
  };
}
