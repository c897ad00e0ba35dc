import type { Clock } from '../clock.ts';
import { isLwiError } from '../errors.ts';
import type { LimitRule } from '../providers/provider.ts';
import type { Permit, PermitAnswer, PermitAsk, PermitStore } from '../store/permits.ts';
import { type Call, PRIORITIES } from './http.ts';

/** How long a permit lasts in flight when its process is gone, ms; a living one renews it. */
export const PERMIT_TTL_MS = 15_000;

/** How long a database that does not answer is waited for, ms, because it may only be starting again; and how often it is asked. */
const AWAY_MS = 10_000;
const AGAIN_MS = 500;

/** What is waited for, and with whom it is shared. */
export interface Wanted {
  readonly scope: string;
  readonly rules: readonly LimitRule[];
  readonly call: Call;
  /** Told once for each answer; throws to give up. */
  readonly onWait: (waitMs: number) => void;
}

/**
 * Waits for permits in the store's queue. A wait sleeps until its turn can come: it is not polled, but for requests of other processes that must land
 * first. Those of this process ring when they have landed. A wait that is given up leaves the queue.
 */
export function permitWaiting(store: PermitStore, clock: Clock, owner?: string) {
  const bells = new Set<AbortController>();
  /** Permits in flight, and the one loop that renews those that take long. */
  const held = new Set<Permit>();
  let renews = false;

  async function renewing(): Promise<void> {
    renews = true;
    try {
      while (held.size > 0) {
        const before = [...held];
        await clock.sleep(PERMIT_TTL_MS / 3);
        for (const permit of before) if (held.has(permit)) await store.renewPermit(permit, PERMIT_TTL_MS);
      }
    } catch {
      // A beat that fails costs at most places in flight; the work itself says what is wrong with the store.
    } finally {
      renews = false;
    }
  }

  async function nap(ms: number, crowded: boolean, signal: AbortSignal): Promise<void> {
    if (!crowded) return clock.sleep(ms, signal);
    const bell = new AbortController();
    bells.add(bell);
    try {
      await clock.sleep(ms, AbortSignal.any([signal, bell.signal]));
    } catch (error) {
      if (signal.aborted || !bell.signal.aborted) throw error;
    } finally {
      bells.delete(bell);
    }
  }

  /** Nothing was sent, so that it can be asked again. Throws STORE_AWAY when the database is not back in time. */
  async function answerTo(
    ask: PermitAsk,
    { deadline = Number.POSITIVE_INFINITY, signal }: Call,
  ): Promise<PermitAnswer> {
    const end = Math.min(clock.now() + AWAY_MS, deadline);
    for (;;) {
      try {
        return await store.takePermit(ask);
      } catch (error) {
        if (!isLwiError(error, 'STORE_AWAY') || clock.now() + AGAIN_MS > end) throw error;
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  return {
    /** Resolves with a permit when it is the call's turn. */
    async take({ scope, rules, call, onWait }: Wanted): Promise<Permit> {
      const rank = PRIORITIES.indexOf(call.priority);
      let ticket: number | undefined;
      try {
        for (;;) {
          const answer = await answerTo({ scope, rules, rank, ticket, ttlMs: PERMIT_TTL_MS, owner }, call);
          if ('permit' in answer) {
            ticket = undefined;
            return answer.permit;
          }
          ticket = answer.ticket;
          onWait(answer.waitMs);
          // Timers take whole milliseconds and must not fire early.
          await nap(Math.ceil(answer.askInMs), answer.crowded, call.signal);
        }
      } finally {
        // Whoever cannot say so is passed over when his time is over.
        if (ticket !== undefined) await store.leaveQueue(ticket).catch(() => {});
      }
    },

    /** Keeps a permit while the work lasts. */
    async during<T>(permit: Permit, work: () => Promise<T>): Promise<T> {
      if (permit.places.length === 0) return work();
      held.add(permit);
      if (!renews) void renewing();
      try {
        return await work();
      } finally {
        held.delete(permit);
      }
    },

    /** A request of this process has landed: whoever waits for that looks again. */
    ring(): void {
      for (const bell of bells) bell.abort();
    },
  };
}
