import type { ForwardState } from './forwards.ts';
import type { InboxEvent } from './inbox.ts';

/** The part of the store by which people look at the inbox. */
export interface InboxReading {
  /** A page of them, without bodies. */
  events(ask: EventAsk): Promise<readonly ListedEvent[]>;
  /** The event of that number, whole. */
  event(event: number): Promise<InboxEvent | undefined>;
  /** Every attempt to send it, in their order. */
  eventAttempts(event: number): Promise<readonly ForwardAttempt[]>;
  /** Deletes at most `limit` of those that fit, oldest first, with all that was noted of them. Gives how many went. */
  removeEvents(of: EventFilter, limit: number): Promise<number>;
}

/**
 * Where an event stands, over everything that is to happen with it; the first that fits:
 * `failed` (it could not be applied, or not be brought to a target), `delivering` (an attempt is under way or will be repeated), `received` (it waits, or is just
 * kept), `delivered` (it is wherever it was to go), `applied` (what it names is in the store).
 */
export const EVENT_STANDINGS = ['received', 'delivering', 'delivered', 'applied', 'failed'] as const;
export type EventStanding = (typeof EVENT_STANDINGS)[number];

/** Absent members: any. */
export interface EventFilter {
  readonly account?: string | undefined;
  readonly provider?: string | undefined;
  readonly standings?: readonly EventStanding[] | undefined;
  /** Received at this time or later, ms since the epoch. */
  readonly since?: number | undefined;
  /** Received before, ms since the epoch. */
  readonly until?: number | undefined;
  /** What their key begins with. */
  readonly key?: string | undefined;
  /** What their key is. */
  readonly exactKey?: string | undefined;
  /** Some forward of it is in one of these states. */
  readonly forwards?: readonly ForwardState[] | undefined;
  /** Nothing is to happen with it any more: it neither waits to be applied nor for a target. */
  readonly idle?: true | undefined;
}

export interface EventAsk extends EventFilter {
  readonly order: 'newest' | 'oldest';
  /** Number of the last event of the page before; absent: from the start. */
  readonly after?: number | undefined;
  readonly limit: number;
}

export interface ListedEvent extends Omit<InboxEvent, 'body' | 'headers'> {
  readonly standing: EventStanding;
  /** Length of the body, bytes. */
  readonly bytes: number;
  readonly forwards: readonly ListedForward[];
}

export interface ListedForward {
  readonly target: string;
  readonly state: ForwardState;
  readonly attempts: number;
  /** When it is tried again, ms since the epoch; absent: it is not. */
  readonly dueAt?: number | undefined;
  readonly lastError?: string | undefined;
}

export interface ForwardAttempt {
  readonly target: string;
  /** From 1, for each target; absent: somebody asked for it (a replay). */
  readonly attempt?: number | undefined;
  readonly startedAt: number;
  /** Absent: no end of it is known. */
  readonly tookMs?: number | undefined;
  readonly status?: number | undefined;
  readonly error?: string | undefined;
}
