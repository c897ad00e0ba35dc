import type { LimitRule } from '../../providers/provider.ts';
import type { Books } from '../throttle/books.ts';
import { type BucketState, sameNumbers } from '../throttle/bucket.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { booksOn, timesToNote } from './throttle-books.ts';
import { bucketState, type Reading, throttleReading } from './throttle-reading.ts';
import { changeRule, makeBucket, writeChanges } from './throttle-writing.ts';

/** What one caller wants done with the books. */
export interface Work<T> {
  readonly scope: string;
  /** Whose buckets it needs, and which by number. */
  readonly rules: readonly LimitRule[];
  readonly buckets: readonly number[];
  /** `askedAt`: when the time of the books was asked for, ms on this process's own time. Done again when the transaction is. */
  run(books: Books, askedAt: number): T;
}

/** Does all of these in one transaction; gives what each one gives. */
export type Bookkeeping = (works: readonly Work<unknown>[]) => Promise<unknown[]>;

/**
 * One transaction: it waits for the scopes' locks, reads all that decides, decides here and writes. The locks are of the transaction
 * (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS) and come before the statement that reads, so that this one sees what the
 * holder before has written; the buckets are locked too, for those who change nothing else than them. `sample`: this process's own time, ms.
 */
export function bookkeeping(db: PostgresDatabase, clock: DatabaseClock, sample: () => number): Bookkeeping {
  const { locked } = throttleReading(clock);
  return (works) => {
    const scopes = [...new Set(works.map(({ scope }) => scope))];
    const locks = scopes.map((scope) => ['permits', scope]);
    return db.writeUnder(locks, async (tx) => {
      const pairs = works.flatMap(({ scope, rules }) => rules.map((rule) => ({ scope, rule })));
      const askedAt = sample();
      const reading = await locked(tx, {
        buckets: works.flatMap(({ buckets }) => buckets),
        // A work that needs no bucket by name still needs the time of its scope.
        scopes: [...pairs.map(({ scope }) => scope), ...scopes],
        rules: [...pairs.map(({ rule }) => rule.name), ...scopes.map(() => '')],
        asks: works.length,
      });
      const { states, takenOver } = await allBuckets(tx, reading, pairs);
      const { books, changes } = booksOn(reading, states);
      for (const { changed, kept } of takenOver) {
        books.put(changed);
        for (const [number, { countedAt, landed }] of kept) books.note(changed, number, countedAt, landed);
      }
      const done = works.map((work) => work.run(books, askedAt));
      await writeChanges(tx, changes, timesToNote(reading, scopes));
      return done;
    });
  };
}

/** The buckets that were read, those that were not there, and those whose rule has other numbers now. */
async function allBuckets(
  tx: Queries,
  reading: Reading,
  pairs: readonly { readonly scope: string; readonly rule: LimitRule }[],
) {
  const states = new Map<string, BucketState>(
    reading.buckets.map((row) => [keyOf(row.scope, row.rule), bucketState(row)]),
  );
  const takenOver: Awaited<ReturnType<typeof changeRule>>[] = [];
  for (const { scope, rule } of pairs) {
    const key = keyOf(scope, rule.name);
    const before = states.get(key);
    if (before === undefined) states.set(key, await makeBucket(tx, scope, rule));
    else if (!sameNumbers(before.rule, rule)) {
      const taken = await changeRule(tx, before, rule);
      takenOver.push(taken);
      states.set(key, taken.changed);
    }
  }
  return { states: [...states.values()], takenOver };
}

const keyOf = (scope: string, rule: string) => JSON.stringify([scope, rule]);
