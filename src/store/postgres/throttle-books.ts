import type { QuotaLeft } from '../permits.ts';
import type { Books } from '../throttle/books.ts';
import type { BucketState, Slot } from '../throttle/bucket.ts';
import { aheadOf, toNote, WALL } from '../throttle/clock.ts';
import type { Place } from '../throttle/queue.ts';
import { openBooks, type Reading, timeOf } from './throttle-reading.ts';

/** What is to be written at the end of a transaction. */
export interface Changes {
  readonly buckets: Map<number, BucketState>;
  readonly slots: Map<string, Slot & { readonly bucket: number; readonly slot: number }>;
  readonly said: Map<number, { readonly left: QuotaLeft; readonly at: number }>;
  readonly places: Map<number, Place>;
  readonly left: Set<number>;
  readonly forgotten: Map<string, number>;
  /** Permits were given, or a hold was: what must not be lost. */
  weighty: boolean;
}

/** Books in memory on what was read before, `states` being its buckets; what is changed in them is in `changes`. */
export function booksOn(reading: Reading, states: readonly BucketState[]): { books: Books; changes: Changes } {
  const known = new Map(states.map((state) => [state.id, state]));
  const tickets = [...reading.tickets];
  const changes: Changes = {
    ...{ buckets: new Map(), slots: new Map(), said: new Map(), places: new Map(), left: new Set() },
    ...{ forgotten: new Map(), weighty: false },
  };
  const open = openBooks(reading);
  const books: Books = {
    slots: (state) => {
      const before = open.slots(state);
      return (slot) => changes.slots.get(`${state.id} ${slot}`) ?? before(slot);
    },
    waiters(scope, since) {
      const others = open
        .waiters(scope, since)
        .filter(({ ticket }) => !changes.left.has(ticket) && !changes.places.has(ticket));
      const kept = [...changes.places].filter(([, place]) => place.scope === scope && place.asksAt >= since);
      return [...others, ...kept.map(([ticket, { rank, rules }]) => ({ ticket, rank, rules }))];
    },
    placeUntil: (ticket) => changes.places.get(ticket)?.asksAt ?? open.placeUntil(ticket),
    now: (scope) => timeOf(reading, scope),
    of(scope, rule) {
      for (const state of known.values()) {
        if (state.scope === scope && state.rule.name === rule.name) return { ...state, rule };
      }
      throw new Error(`the bucket of ${rule.name} was not read`);
    },
    withId: (id) => known.get(id),
    put(state) {
      const before = known.get(state.id);
      if (state.sent !== before?.sent || state.holdUntil !== before.holdUntil) changes.weighty = true;
      known.set(state.id, state);
      changes.buckets.set(state.id, state);
    },
    note(state, number, at, landed) {
      const slot = number % state.rule.permits;
      changes.slots.set(`${state.id} ${slot}`, { bucket: state.id, slot, countedAt: at, landed });
    },
    say: (bucket, left, at) => void changes.said.set(bucket, { left, at }),
    keep(place) {
      const ticket = place.ticket ?? tickets.shift();
      if (ticket === undefined) throw new Error('more places are taken than were asked for');
      changes.places.set(ticket, place);
      return ticket;
    },
    leave(ticket) {
      changes.places.delete(ticket);
      changes.left.add(ticket);
    },
    forget: (scope, before) => void changes.forgotten.set(scope, before),
  };
  return { books, changes };
}

/** What is to be noted of the times of these scopes. */
export function timesToNote({ now, clocks }: Reading, scopes: readonly string[]) {
  return scopes.flatMap((scope) => {
    const row = clocks.get(scope);
    const ahead = aheadOf(row, WALL, now, now);
    const told = toNote(row, WALL, ahead, now + ahead);
    return told === undefined ? [] : [{ scope, ahead, seen_at: told, seen_wall: now }];
  });
}
