import type { Clock, Random } from '../clock.ts';
import { isLwiError } from '../errors.ts';
import { formatSpan } from '../span.ts';
import type { Call, Send } from './http.ts';

export interface RetryPolicy {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  /** No computed delay is longer; a Retry-After may be. */
  readonly maxDelayMs: number;
  /** The call ends by then, ms from its start, waits included. */
  readonly deadlineMs: number;
}

/** The seed's defaults: 1 s doubled up to 60 s, five tries; bounded by five minutes for the whole call. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseDelayMs: 1000, maxDelayMs: 60_000, deadlineMs: 300_000 };

/** What a run may spend on repeats, over all its calls. */
export interface RetryBudget {
  /** A call begins, and earns a part of a repeat. */
  earn(): void;
  /** Spends one repeat; false when there is none left. */
  spend(): boolean;
}

/** Repeats that a run may make without having earned them, and the part of one that each call earns. */
export const RETRY_BUDGET = { reserve: 10, earned: 0.2 } as const;

/**
 * So that a provider that fails is not hammered by the repeats of a long run: at most ten repeats, and one more for every five calls; what is earned
 * is not saved up beyond ten.
 */
export function retryBudget(reserve: number = RETRY_BUDGET.reserve, earned: number = RETRY_BUDGET.earned): RetryBudget {
  let left = reserve;
  return {
    earn: () => {
      left = Math.min(reserve, left + earned);
    },
    spend: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/** Beyond these the delay is at any cap, and a power of two would end as infinity. */
const MOST_DOUBLINGS = 50;

/**
 * Milliseconds before the try after `attempt` (1: the first has failed). Full jitter under the cap: anywhere between nothing and
 * the exponential delay, so that many processes do not come back at once.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, random: Random): number {
  return random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS));
}

/**
 * The outermost layer: repeats what may be repeated and ends by the deadline. Repeated are retryable failures of repeatable calls,
 * and of any call when the provider certainly did nothing: it refused for its rate limit, or the request never left. A longer
 * Retry-After wins over the computed delay; one that lies behind the deadline ends the call at once.
 */
export function retry(deps: {
  clock: Clock;
  random: Random;
  policy?: RetryPolicy;
  /** Shared by the calls of a run; default: one for this layer. */
  budget?: RetryBudget;
  /** Takes one sentence before each wait that a person would notice. */
  note?: (line: string) => void;
}): (next: Send) => Send {
  const { clock, random, policy = DEFAULT_RETRY, budget = retryBudget(), note } = deps;
  return (next) => async (request, call) => {
    const own = clock.now() + policy.deadlineMs;
    const deadline = Math.min(own, call.deadline ?? own);
    budget.earn();
    for (let attempt = 1; ; attempt++) {
      try {
        return await next(request, { ...call, deadline, attempt });
      } catch (error) {
        if (attempt >= policy.attempts || !mayRepeat(error, call)) throw error;
        const asked = isLwiError(error) ? (error.facts.retryAfterMs ?? 0) : 0;
        const delay = Math.max(asked, backoffMs(policy, attempt, random));
        if (clock.now() + delay > deadline) throw error;
        if (!budget.spend()) {
          note?.('Too much has failed in this run: nothing more is repeated.');
          throw error;
        }
        if (delay >= NOTICED_MS && isLwiError(error)) {
          note?.(
            `${error.message.replace(/[.]?$/, '.')} Next try in ${formatSpan(delay)} (${attempt + 1} of ${policy.attempts}).`,
          );
        }
        call.onWait?.(delay);
        await clock.sleep(delay, call.patience ? AbortSignal.any([call.signal, call.patience]) : call.signal);
        await call.beforeRepeat?.();
        if (call.meter) call.meter.retries += 1;
      }
    }
  };
}

/** Shorter waits are not worth a line. */
const NOTICED_MS = 1000;

function mayRepeat(error: unknown, call: Call): boolean {
  if (!isLwiError(error) || !error.retryable || call.signal.aborted) return false;
  // An open circuit already says when to come back; hammering it from here would only delay the answer to the person.
  if (error.code === 'CIRCUIT_OPEN' || error.code === 'LEASE_BUSY') return false;
  return call.repeatable || error.code === 'RATE_LIMITED' || error.facts.unsent === true;
}
