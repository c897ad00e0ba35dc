import type { InboxEvent, WorkHold } from './inbox.ts';

/** The part of the store that knows which deliveries of the inbox go where, and what came of each try to send one. */
export interface Forwards {
  /**
   * Takes the right to send to `target`, which nobody else then has until `release`, or the death of this process. Undefined when somebody has it. Once it is
   * lost, `takeForwards` and `recoverForwards` take nothing, and `finishForwards` leaves alone what its next holder has found under way.
   */
  holdTarget(target: string): Promise<WorkHold | undefined>;
  /**
   * Lets those wait again that a process was sending when it died or lost the right, and notes that no end of these attempts is known. Only for who holds the
   * target. Gives how many there were.
   */
  recoverForwards(target: string, at: number): Promise<number>;
  /** Makes due at once whatever waits for the target, however long its next attempt was put off. */
  hastenForwards(target: string, at: number): Promise<void>;
  /** Takes at most `limit` that may be sent now, those that are due longest first: they are `delivering` from then on. Only for who holds the target. */
  takeForwards(target: string, now: number, limit: number): Promise<readonly Forward[]>;
  /** Writes down how attempts ended, all in one transaction. */
  finishForwards(ends: readonly ForwardEnd[]): Promise<void>;
  /** When the next one that waits is due, ms since the epoch; undefined: none waits. */
  nextForwardAt(target: string): Promise<number | undefined>;
  /** How many are not delivered, by connection and target; those with none are left out. */
  forwardCounts(): Promise<readonly ForwardCount[]>;
  /**
   * Notes an attempt that somebody asked for (a replay). One that was answered with 2xx makes the event `delivered` at that target, if it had failed there, and
   * what else `settles` says.
   */
  noteReplay(end: ReplayEnd): Promise<void>;
}

/**
 * Where the forwarding of an event to one target stands.
 *
 * | from | to | when |
 * | --- | --- | --- |
 * | (none) | `received` | the event is on disk, and is to go there |
 * | `received` | `delivering` | an attempt is under way |
 * | `delivering` | `delivered` | the target answered 2xx |
 * | `delivering` | `received` | the attempt failed, `dueAt` says when the next one is; or the process died |
 * | `delivering` | `failed` | the target wants no more of it, or the attempts are spent |
 * | `failed`, `received` | `delivered` | a replay has brought it there, or stands for that |
 */
export type ForwardState = 'received' | 'delivering' | 'delivered' | 'failed';

/** An event on its way. */
export interface Forward extends InboxEvent {
  readonly target: string;
  /** Of this attempt, from 1. */
  readonly attempt: number;
}

/** How one attempt ended. */
export interface AttemptEnd {
  /** When it began, ms since the epoch. */
  readonly startedAt: number;
  readonly tookMs: number;
  /** HTTP status; absent: no answer came. */
  readonly status?: number | undefined;
  /** Why it is no success, for people. */
  readonly error?: string | undefined;
}

export type ForwardEnd = AttemptEnd & {
  readonly event: number;
  readonly target: string;
} & (
    | { readonly state: 'delivered' | 'failed' }
    /** To be tried again at `dueAt`, ms since the epoch. */
    | { readonly state: 'received'; readonly dueAt: number }
  );

export interface ReplayEnd extends AttemptEnd {
  readonly event: number;
  readonly target: string;
  /**
   * What its success stands for as well: `failed`, all that had failed with the event, wherever it was to go and also in the local store; `waiting`, that and all
   * that it waited for.
   */
  readonly settles?: 'failed' | 'waiting' | undefined;
}

export interface ForwardCount {
  readonly account: string;
  readonly provider: string;
  readonly target: string;
  /** Waiting or under way. */
  readonly waiting: number;
  readonly failed: number;
  /** When the oldest that waits was received; absent: none waits. */
  readonly oldestAt?: number | undefined;
}
