import type { ConnectionKey } from '../connection.ts';
import type { SyncHold } from './sync-tables.ts';

/** The part of the store that keeps verified webhook deliveries until what they tell of has been applied. */
export interface Inbox {
  /**
   * Stores what is not there yet, all in one transaction; says of each whether it was new. Which deliveries are the same, `key` decides, for one account
   * and provider; of two that come at the same moment, here or in another process, one is new. None at all: nothing is stored, and it throws what would have been
   * thrown of a server that takes nothing now, or nothing from this role.
   */
  acceptEvents(batch: readonly NewEvent[]): Promise<readonly ('new' | 'duplicate')[]>;
  /**
   * Stores events beside everything else, for those that receive many: nothing else of this process waits for the disk, or for another process that writes.
   * STORE_LOCKED or STORE_AWAY come after about a second, since a sender waits. From then on no other write of this store holds up the process either. Ends
   * with the store.
   */
  eventWriter(): Pick<Inbox, 'acceptEvents'>;
  /** Whose deliveries wait and may be tried now. */
  dueConnections(now: number): Promise<readonly ConnectionKey[]>;
  /** At most `limit` of them that one connection may try now, the oldest first. */
  dueEvents(key: ConnectionKey, now: number, limit: number): Promise<readonly InboxEvent[]>;
  /** Writes down how tries ended, all in one transaction. Leaves events alone that are no longer `received`. */
  finishEvents(ends: readonly EventEnd[]): Promise<void>;
  /** How many there are that are not done with, by connection; those with none are left out. */
  inboxCounts(): Promise<readonly InboxCount[]>;
  /**
   * Deletes at most `limit` of those that came before `before` and are done with: applied, or kept for forwarding alone, and forwarded wherever they were to go.
   * Gives how many went.
   */
  pruneEvents(before: number, limit: number): Promise<number>;
  /**
   * Takes the right to work off the deliveries of one connection, which nobody else then has until `release`, or the death of this process. Undefined when
   * somebody has it. Once another one has it, `finishEvents` leaves these deliveries alone.
   */
  holdInbox(key: ConnectionKey): Promise<WorkHold | undefined>;
}

/** A right to work something off. */
export interface WorkHold extends SyncHold {
  /** False once it is known that somebody else may have it: the connection to the database that stood for it is gone, or another one has taken it. */
  held(): boolean;
}

/**
 * Where a delivery stands.
 *
 * | from | to | when |
 * | --- | --- | --- |
 * | (none) | `received` | it was verified and is on disk |
 * | (none) | `failed` | it was verified, but there is no connection that it could be applied to |
 * | (none) | `kept` | it was verified, and nobody is to apply it: it is there to be looked at, forwarded and replayed |
 * | `received` | `applied` | what it tells of is in the store, or a poll for it was asked for |
 * | `received` | `received` | a try failed for now: `attempts` and `lastError` say so, `dueAt` when the next one is |
 * | `received` | `failed` | no further try would help, or they are spent; the poll closes the gap |
 *
 * An `applied` one is kept for a while, so that it is known when it comes again.
 */
export type EventState = 'received' | 'applied' | 'failed' | 'kept';

/** A header as it came: name as spelled, and value. */
export type HeaderPair = readonly [name: string, value: string];

/** A verified delivery, byte for byte. */
export interface NewEvent extends ConnectionKey {
  /** What tells a repeat from a new one: the provider's id of the delivery, or a hash of it. */
  readonly key: string;
  /** The kind of event in the provider's words, for people. */
  readonly type: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** In their order, without credentials of the sender (authorization, cookies). */
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  /** ms since the epoch. */
  readonly receivedAt: number;
  /** Why it cannot be applied; it is kept as `failed`. */
  readonly failed?: string | undefined;
  /** Nobody is to apply it; goes before `failed`. */
  readonly kept?: boolean | undefined;
  /** URLs that it is to be forwarded to. */
  readonly forwardTo?: readonly string[] | undefined;
}

export interface InboxEvent extends Omit<NewEvent, 'failed' | 'kept' | 'forwardTo'> {
  /** Number of the row, in the order in which they came; of those that came at the same moment to two processes the higher one may be there first. */
  readonly event: number;
  readonly state: EventState;
  /** How often it was tried. */
  readonly attempts: number;
  readonly lastError?: string | undefined;
}

export type EventEnd = {
  readonly event: number;
  readonly at: number;
  /** The run that tried it, where there was one. */
  readonly run?: number | undefined;
} & (
  | { readonly state: 'applied' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'received'; readonly error: string; readonly dueAt: number }
);

export interface InboxCount extends ConnectionKey {
  /** Waiting to be applied, or to be forwarded somewhere. */
  readonly received: number;
  /** Failed for good somewhere, and waiting for nothing. */
  readonly failed: number;
  /** When the oldest that waits came; absent: none waits. */
  readonly oldestAt?: number | undefined;
}
