import type { Clock } from '../clock.ts';
import { connectionName } from '../connection.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { LimitRule, Provider } from '../providers/provider.ts';
import type { Store } from '../store/store.ts';
import type { Call, Send } from './http.ts';

/**
 * Waits for a permit of every limit that the request counts against, next to the wire, so that each physical request is counted.
 * The buckets are in the store: all processes on the machine share them. What the provider asks for in a 429 holds them all.
 */
export function rateLimit(deps: {
  store: Pick<Store, 'reservePermit' | 'holdPermits'>;
  clock: Clock;
  provider: Provider;
}): (next: Send) => Send {
  const { store, clock, provider } = deps;
  return (next) => async (request, call) => {
    const rules = rulesFor(provider, call.limits);
    if (!call.connection) return next(request, call);
    const scope = connectionName(call.connection);
    const wait = await store.reservePermit(scope, rules, clock.now());
    if (wait > 0) {
      if (call.deadline !== undefined && clock.now() + wait > call.deadline) throw tooLong(wait, provider, call);
      if (call.meter) call.meter.throttledMs += wait;
      await clock.sleep(wait, call.signal);
    }
    try {
      return await next(request, call);
    } catch (error) {
      if (isLwiError(error, 'RATE_LIMITED') && error.facts.retryAfterMs) {
        await store.holdPermits(scope, rules, clock.now() + error.facts.retryAfterMs);
      }
      throw error;
    }
  };
}

/** A hold for an hour is not slept through: the caller hears when to come back. */
function tooLong(wait: number, provider: Provider, call: Call): LwiError {
  const message = `The limit of ${provider.title} leaves no room for ${Math.ceil(wait / 1000)} s.`;
  return new LwiError('RATE_LIMITED', message, {
    provider: provider.id,
    account: call.connection?.account,
    retryAfterMs: wait,
    unsent: true,
  });
}

/** Requests do not arrive as evenly as they are sent; a window that is 1 % longer here is never shorter there. */
const GUARD = 1.01;

/** The rules behind names such as `minute` or `tier2:users.list`: the part before the colon is the rule, the whole names the bucket. */
function rulesFor(provider: Provider, names: readonly string[]): LimitRule[] {
  return names.flatMap((name) => {
    const rule = provider.limits.find((candidate) => candidate.name === name.split(':', 1)[0]);
    return rule ? [{ ...rule, name, perMs: Math.ceil(rule.perMs * GUARD) }] : [];
  });
}
