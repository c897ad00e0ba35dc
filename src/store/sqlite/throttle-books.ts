import type { Books, OpenBooks } from '../throttle/books.ts';
import { type BucketState, sameNumbers } from '../throttle/bucket.ts';
import type { Waiter } from '../throttle/queue.ts';
import type { SqliteDatabase } from './database.ts';
import { type BucketTableRow, bucketState, loadBucket, notePermit, saveBucket, slotsOf } from './throttle-bucket.ts';
import type { ThrottleClock } from './throttle-clock.ts';

const WAITERS =
  'SELECT ticket, rank, rules FROM throttle_waiters WHERE scope = ? AND asks_at >= ? ORDER BY rank, ticket';
const PLACE = 'SELECT asks_at FROM throttle_waiters WHERE ticket = ?';
const KEEP = `
INSERT INTO throttle_waiters (ticket, scope, rank, rules, asks_at) VALUES (:ticket, :scope, :rank, :rules, :asksAt)
ON CONFLICT DO UPDATE SET asks_at = excluded.asks_at, rank = excluded.rank`;
const LEAVE = 'DELETE FROM throttle_waiters WHERE ticket = ?';
const FORGET = 'DELETE FROM throttle_waiters WHERE scope = ? AND asks_at < ?';
const SAID = 'UPDATE throttle_buckets SET said = ?, said_at = ? WHERE bucket = ?';

/** Runs `work` on the books in one transaction, and writes what it has changed. */
export function inBooks<T>(db: SqliteDatabase, clock: ThrottleClock, work: (books: Books) => T): Promise<T> {
  return db.writeLightly(() => {
    const { books, save } = openedBooks(db, clock);
    const done = work(books);
    save();
    return done;
  });
}

/** What is asked of the books is read as it is asked for. */
export function openBooks(db: SqliteDatabase): OpenBooks {
  return {
    slots: (state) => slotsOf(db, state),
    waiters: (scope, since) => db.statement<Waiter>(WAITERS).all(scope, since),
    placeUntil: (ticket) => db.statement<{ asks_at: number }>(PLACE).get(ticket)?.asks_at ?? Number.NEGATIVE_INFINITY,
  };
}

/** Gives up the place in the queue. */
export function leavePlace(db: SqliteDatabase, ticket: number): void {
  db.statement(LEAVE).run(ticket);
}

function openedBooks(db: SqliteDatabase, clock: ThrottleClock): { books: Books; save: () => void } {
  const known = new Map<number, BucketState>();
  const changed = new Set<number>();
  const kept = (state: BucketState) => {
    known.set(state.id, state);
    return state;
  };
  const save = () => {
    for (const id of changed) {
      const state = known.get(id);
      if (state) saveBucket(db, state);
    }
    changed.clear();
  };
  const books: Books = {
    ...openBooks(db),
    now: () => clock.tell(),
    of(scope, rule) {
      for (const state of known.values()) {
        if (state.scope === scope && sameNumbers(state.rule, rule)) return { ...state, rule };
      }
      // One that was changed under other numbers has to be written before it is taken over.
      save();
      return kept(loadBucket(db, scope, rule));
    },
    withId(id) {
      const row = known.has(id)
        ? undefined
        : db.statement<BucketTableRow>('SELECT * FROM throttle_buckets WHERE bucket = ?').get(id);
      return row ? kept(bucketState(row)) : known.get(id);
    },
    put: (state) => void changed.add(kept(state).id),
    note: (state, number, at, landed) => notePermit(db, state, number, at, landed),
    say: (bucket, left, at) => void db.statement(SAID).run(JSON.stringify(left), at, bucket),
    keep({ ticket, ...place }) {
      const { lastInsertRowid } = db.statement(KEEP).run({ ticket: ticket ?? null, ...place });
      return ticket ?? Number(lastInsertRowid);
    },
    leave: (ticket) => leavePlace(db, ticket),
    forget: (scope, before) => void db.statement(FORGET).run(scope, before),
  };
  return { books, save };
}
