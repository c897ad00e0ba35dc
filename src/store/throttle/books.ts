import type { LimitRule } from '../../providers/provider.ts';
import type { QuotaLeft } from '../permits.ts';
import type { BucketState, Slots } from './bucket.ts';
import type { Place, Waiter } from './queue.ts';

/** What is known of the buckets of a scope, for those who only look. */
export interface OpenBooks {
  slots(state: BucketState): Slots;
  /** Those of the scope who ask again at `since` or later. */
  waiters(scope: string, since: number): readonly Waiter[];
  /** Until when the place of a ticket is kept; -Infinity: it is not there. */
  placeUntil(ticket: number): number;
}

/** The buckets and the queue that one transaction works on: each bucket is read once and written once, however many permits land and are taken. */
export interface Books extends OpenBooks {
  /** Time of the scope, ms; never goes back. */
  now(scope: string): number;
  /** The bucket of a rule, made if it is not there; a rule with other numbers than before is taken over. */
  of(scope: string, rule: LimitRule): BucketState;
  /** The bucket with this id under its own rule; undefined when it is gone. */
  withId(id: number): BucketState | undefined;
  put(state: BucketState): void;
  /** Notes a permit: given at `at`, or landed and then counted by the provider at `at` at the latest. */
  note(state: BucketState, number: number, at: number, landed: boolean): void;
  /** What the provider said of its quota at `at`, ms since the epoch. */
  say(bucket: number, left: QuotaLeft, at: number): void;
  /** Takes a place, or keeps it; returns the ticket. */
  keep(place: Place): number;
  leave(ticket: number): void;
  /** Forgets whoever of the scope was to ask before `before` and has not. */
  forget(scope: string, before: number): void;
}
