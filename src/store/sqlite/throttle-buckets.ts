import type { LimitRule } from '../../providers/provider.ts';
import type { SqliteDatabase } from './database.ts';
import { type BucketRow, type BucketState, loadBucket, ruleOf, saveBucket, stateOf } from './throttle-bucket.ts';

/** The buckets that one transaction works on: each is read once and written once, however many permits land and are taken. */
export interface Buckets {
  /** The bucket of a rule, made if it is not there. */
  of(scope: string, rule: LimitRule): BucketState;
  /** The bucket with this id under its own rule; undefined when it is gone. */
  withId(id: number): BucketState | undefined;
  /** Keeps a changed state for the end of the transaction. */
  put(state: BucketState): void;
  /** Writes what was changed. */
  save(): void;
}

/** Runs `work` on buckets in one transaction, and writes what it has changed. */
export function inBuckets<T>(db: SqliteDatabase, work: (buckets: Buckets) => T): Promise<T> {
  return db.writeLightly(() => {
    const buckets = openBuckets(db);
    const done = work(buckets);
    buckets.save();
    return done;
  });
}

function openBuckets(db: SqliteDatabase): Buckets {
  const known = new Map<number, BucketState>();
  const changed = new Set<number>();
  const keep = (state: BucketState) => {
    known.set(state.id, state);
    return state;
  };
  return {
    of(scope, rule) {
      for (const state of known.values()) {
        if (state.scope === scope && sameNumbers(state.rule, rule)) return { ...state, rule };
      }
      // One that was changed under other numbers has to be written before it is taken over.
      this.save();
      return keep(loadBucket(db, scope, rule));
    },
    withId(id) {
      const row = known.has(id)
        ? undefined
        : db.statement<BucketRow>('SELECT * FROM throttle_buckets WHERE bucket = ?').get(id);
      return row ? keep(stateOf(row, ruleOf(row))) : known.get(id);
    },
    put(state) {
      changed.add(keep(state).id);
    },
    save() {
      for (const id of changed) {
        const state = known.get(id);
        if (state) saveBucket(db, state);
      }
      changed.clear();
    },
  };
}

function sameNumbers(a: LimitRule, b: LimitRule): boolean {
  return a.name === b.name && a.permits === b.permits && a.perMs === b.perMs;
}
