import type { Landing, Permit, QuotaLeft } from '../permits.ts';
import type { SqliteDatabase } from './database.ts';
import { arrivalDoubt } from './permit-schedule.ts';
import { type BucketState, inFlight, notePermit } from './throttle-bucket.ts';
import { type Buckets, inBuckets } from './throttle-buckets.ts';
import type { ThrottleClock } from './throttle-clock.ts';

/** The least latency is that of between one and two hundred requests, so that it follows a provider that has become slower. */
const LATENCIES = 100;
/** Two readings of the provider's quota are of the same window when their ends lie no further apart, ms: headers have whole seconds. */
const SAME_WINDOW_MS = 2000;

const SAID = 'UPDATE throttle_buckets SET said = ?, said_at = ? WHERE bucket = ?';

/** Requests that have landed and are not written down yet. */
export interface Landings {
  /** Resolves when it is written: at the end of this turn of the event loop, or before with whatever is written next. */
  add(permit: Permit, landing: Landing): Promise<void>;
  /** Whether there are any. */
  some(): boolean;
  /** Notes them all in the buckets of a write transaction. */
  write(buckets: Buckets): void;
  /** The same in a transaction of its own, if there are any. */
  flush(): Promise<void>;
}

/** One call after the other lands and takes its next permit in one transaction instead of two. `now`: the wall clock, ms since the epoch. */
export function landingQueue(db: SqliteDatabase, clock: ThrottleClock, now: () => number): Landings {
  let waiting: { permit: Permit; landing: Landing; sampled: number; saidAt: number }[] = [];
  let turn: Promise<void> | undefined;
  const write = (buckets: Buckets) => {
    if (waiting.length === 0) return;
    const all = waiting;
    const ahead = clock.tell() - clock.sample();
    for (const { permit, landing, sampled, saidAt } of all) {
      const at = sampled + ahead;
      for (const { bucket, sent } of permit.places) land(db, buckets, { bucket, sent, at }, { ...landing, saidAt });
    }
    waiting = [];
  };
  const flush = async () => {
    if (waiting.length > 0) await inBuckets(db, write);
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

/** The bucket learns when the request landed and what the provider said. */
function land(
  db: SqliteDatabase,
  buckets: Buckets,
  { bucket, sent, at }: { readonly bucket: number; readonly sent: number; readonly at: number },
  { answered, tookMs, left, saidAt }: Landing & { readonly saidAt: number },
): void {
  const before = buckets.withId(bucket);
  if (!before) return;
  const began = before.flights.find(([number]) => number === sent)?.[1];
  const state = { ...before, flights: before.flights.filter(([number]) => number !== sent) };
  if (!answered && state.sent - sent <= state.rule.permits) notePermit(db, state, sent, at, false);
  const timed =
    answered && began !== undefined ? learned(db, state, { sent, began, latency: at - began, tookMs }) : state;
  buckets.put(quotaAfter(timed, left, at));
  if (left) db.statement(SAID).run(JSON.stringify(left), saidAt, bucket);
}

/** When the provider may have counted it; and how quick it was. */
function learned(
  db: SqliteDatabase,
  state: BucketState,
  { sent, began, latency, tookMs }: { sent: number; began: number; latency: number; tookMs: number | undefined },
): BucketState {
  const { rule, least, leastBefore } = state;
  // What the first ones took says nothing yet: processes start, connections are made.
  const quickest = leastBefore === undefined ? 0 : Math.min(leastBefore, least ?? leastBefore);
  const doubt = arrivalDoubt(rule, latency, quickest);
  // Its place may have been given to another one meanwhile.
  if (state.sent - sent <= rule.permits) notePermit(db, state, sent, began + doubt, true);
  // What passed before it was sent is no part of the way: the provider counts after that.
  const took = Math.min(latency, Math.max(0, tookMs ?? latency));
  if (sent % LATENCIES === LATENCIES - 1) return { ...state, least: took, leastBefore: least };
  return { ...state, least: Math.min(took, least ?? took) };
}

/** What other requests in flight will still take is not ours to give; readings may come out of order, and the least of a window counts. */
function quotaAfter(state: BucketState, left: QuotaLeft | undefined, now: number): BucketState {
  const { rule, quotaLeft, quotaUntil } = state;
  if (left?.remaining === undefined) return state;
  const remaining = Math.max(0, left.remaining - inFlight(state, now).length);
  // Without a time of renewal there is only the pace of the rule to go by.
  const until = now + (left.resetMs ?? rule.perMs / rule.permits);
  const same = quotaUntil > now && Math.abs(quotaUntil - until) <= SAME_WINDOW_MS;
  return {
    ...state,
    quotaLeft: same ? Math.min(quotaLeft, remaining) : remaining,
    quotaUntil: same ? Math.max(quotaUntil, until) : until,
  };
}
