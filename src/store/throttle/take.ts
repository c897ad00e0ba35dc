import type { LimitRule } from '../../providers/provider.ts';
import type { Permit, PermitAnswer, PermitAsk } from '../permits.ts';
import type { Books, OpenBooks } from './books.ts';
import { type BucketState, type Flight, inFlight } from './bucket.ts';
import { afterSend } from './permit-schedule.ts';
import { FORGET_MS, namesOf } from './queue.ts';
import { turnOf } from './turn.ts';

/** Stands for the scope where no rule limits it, so that a hold can be kept. */
export const UNLIMITED: LimitRule = {
  ...{ name: '', permits: 1_000_000, perMs: 1000, burst: 1_000_000, concurrency: 1_000_000 },
};

/** The rules, of which there is one at least. */
export function rulesOf(rules: readonly LimitRule[]): readonly LimitRule[] {
  return rules.length > 0 ? rules : [UNLIMITED];
}

/** One permit of every rule if it is the asker's turn, else a place in the queue. */
export function take(books: Books, ask: PermitAsk): PermitAnswer {
  const now = books.now(ask.scope);
  const rules = rulesOf(ask.rules);
  const states = rules.map((rule) => books.of(ask.scope, rule));
  const { go, ...turn } = turnOf(books, ask, states, now);
  if (go) {
    if (ask.ticket !== undefined) books.leave(ask.ticket);
    return { permit: { scope: ask.scope, places: states.map((state) => give(books, state, ask, now)) } };
  }
  books.forget(ask.scope, now - FORGET_MS);
  const { scope, rank, ticket } = ask;
  return { ...turn, ticket: books.keep({ scope, rank, ticket, rules: namesOf(rules), asksAt: now + placeMs(turn) }) };
}

/** What whoever waits has seen; `keepUntil`: he must say that he still waits, until then. */
interface Seen {
  readonly answer: PermitAnswer;
  readonly keepUntil: number | undefined;
}

/**
 * Those who wait only look, so that they are not in the way of those who write; undefined: it may be the asker's turn, or he has no place any more. `states`:
 * the buckets of the rules, as far as they are there with the same numbers.
 */
export function look(
  books: OpenBooks,
  ask: PermitAsk & { readonly ticket: number },
  states: readonly BucketState[],
  now: number,
): Seen | undefined {
  if (states.length < ask.rules.length || states.length === 0) return undefined;
  const { go, ...turn } = turnOf(books, ask, states, now);
  const until = books.placeUntil(ask.ticket);
  if (go || until === Number.NEGATIVE_INFINITY) return undefined;
  const enough = until >= now + turn.askInMs;
  return { answer: { ...turn, ticket: ask.ticket }, keepUntil: enough ? undefined : now + placeMs(turn) };
}

/** Whoever holds the permit lives for `ttlMs` more. */
export function renew(books: Books, { scope, places }: Permit, ttlMs: number): void {
  const ends = books.now(scope) + ttlMs;
  for (const { bucket, sent } of places) {
    const state = books.withId(bucket);
    const renewed = (flight: Flight): Flight => (flight[0] === sent ? [sent, flight[1], ends, flight[3]] : flight);
    if (state) books.put({ ...state, flights: state.flights.map(renewed) });
  }
}

/** Nobody of the scope sends for `forMs`, or for as long as before. */
export function hold(books: Books, scope: string, rules: readonly LimitRule[], forMs: number): void {
  const until = books.now(scope) + forMs;
  for (const rule of rulesOf(rules)) {
    const state = books.of(scope, rule);
    books.put({ ...state, holdUntil: Math.max(state.holdUntil, until) });
  }
}

function give(books: Books, state: BucketState, { ttlMs, owner }: PermitAsk, now: number) {
  const { id, sent, quotaLeft } = state;
  books.note(state, sent, now, false);
  const flights: Flight[] = [...inFlight(state, now), [sent, now, now + ttlMs, owner]];
  const theoreticalArrival = afterSend(state.rule, state, now);
  books.put({ ...state, theoreticalArrival, quotaLeft: Math.max(0, quotaLeft - 1), sent: sent + 1, flights });
  return { bucket: id, sent };
}

/** How long a place is kept without being asked for, ms. */
const placeMs = ({ askInMs, crowded }: { readonly askInMs: number; readonly crowded: boolean }) =>
  crowded ? Math.max(200, askInMs) : askInMs;
