import type { LimitRule } from '../providers/provider.ts';

/**
 * Permits of all processes: the part of the store that keeps limits. Its own time counts, one that no correction of a clock can move where there
 * is such a one. What is written here is of use for minutes only and need not survive a loss of power.
 */
export interface PermitStore {
  /**
   * Takes one permit of every rule at once if it is the asker's turn and all of them have room; else keeps a place in the queue. A bucket
   * belongs to `scope` and the name of the rule: at most `burst` at once, at most `permits` in any `perMs` as the provider sees it, at most
   * `concurrency` in flight. Lower ranks go first, equal ranks in the order of their coming; every tenth permit goes to whoever came
   * first of all, so that nobody waits for ever. Whoever does not ask again in time is passed over until he does.
   */
  takePermit(ask: PermitAsk): Promise<PermitAnswer>;
  /** Gives up the place in the queue. */
  leaveQueue(ticket: number): Promise<void>;
  /** Says that the holder lives, for `ttlMs` more. */
  renewPermit(permit: Permit, ttlMs: number): Promise<void>;
  /**
   * The answer is here, or it was given up: frees the place in flight, and learns from the time that it took when the provider may have
   * counted the request. One that was given up may still be on its way to the provider. Whoever takes a
   * permit from this store next need not wait for the promise.
   */
  settlePermit(permit: Permit, landing: Landing): Promise<void>;
  /** Nobody of `scope` sends for `forMs` (a Retry-After); a shorter hold never replaces a longer one. */
  holdPermits(scope: string, rules: readonly LimitRule[], forMs: number): Promise<void>;
  /** What is known of the buckets of these scopes, by scope and name. Nothing is changed. */
  limitStates(scopes: readonly string[]): Promise<LimitState[]>;
  /** Lifts holds and quotas that the provider has spoken of; what was sent still counts. Returns how many buckets had one. */
  liftHolds(scope: string): Promise<number>;
}

export interface PermitAsk {
  /** Whose limits: a connection's name. */
  readonly scope: string;
  /** Empty: nothing limits, but a hold holds. */
  readonly rules: readonly LimitRule[];
  /** Place of the priority: 0 goes first. */
  readonly rank: number;
  /** The place in the queue from an earlier answer. */
  readonly ticket?: number | undefined;
  /** How long a permit lasts in flight without being renewed, ms. */
  readonly ttlMs: number;
  /** Names the process, so that its places in flight can be freed when it is known to be dead. */
  readonly owner?: string | undefined;
}

export type PermitAnswer =
  | { readonly permit: Permit }
  | {
      readonly ticket: number;
      /** When it is the asker's turn as far as can be foreseen, ms from now. It should ask again after `askInMs`. */
      readonly waitMs: number;
      readonly askInMs: number;
      /** Another request must land first: a permit of this process that is settled is a reason to ask at once. */
      readonly crowded: boolean;
    };

/** A permit in use. */
export interface Permit {
  readonly scope: string;
  readonly places: readonly { readonly bucket: number; readonly sent: number }[];
}

/** How a request ended. */
export interface Landing {
  readonly answered: boolean;
  /** From sending it to its answer, ms; absent: the time since the permit was given, which holds more than the way. */
  readonly tookMs?: number | undefined;
  /** What the provider said of its quota. */
  readonly left?: QuotaLeft | undefined;
}

/** What an answer's headers say of the provider's own count. */
export interface QuotaLeft {
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  /** ms until the quota is renewed. */
  readonly resetMs?: number | undefined;
}

export interface LimitState {
  readonly scope: string;
  /** Name of the rule, perhaps with that of the method behind a colon. */
  readonly name: string;
  readonly permits: number;
  readonly perMs: number;
  readonly burst: number;
  readonly concurrency: number;
  /** Requests in the last `perMs`. */
  readonly used: number;
  /** How many more could go at this moment. */
  readonly free: number;
  /** When the next one may go, ms from now; 0: at once. */
  readonly nextInMs: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** How much longer the provider wants to hear nothing, ms; 0: no hold. */
  readonly holdMs: number;
  /** What the provider last said of its quota, and when, ms since the epoch. */
  readonly said?: (QuotaLeft & { readonly at: number }) | undefined;
}
