import type { Clock } from '../clock.ts';
import { connectionName } from '../connection.ts';
import { isLwiError, LwiError } from '../errors.ts';
import type { LimitRule, Provider } from '../providers/provider.ts';
import { ruleName } from '../providers/rule-name.ts';
import { formatSpan } from '../span.ts';
import type { PermitStore, QuotaLeft } from '../store/permits.ts';
import { type Call, type HttpResponse, isHttpResponse, type Send } from './http.ts';
import { shareOf } from './limit-share.ts';
import { permitWaiting } from './permit-wait.ts';
import { readRateHeaders } from './rate-headers.ts';

/** Waits from here on are told, ms. */
const NOTICED_MS = 5000;
/** A provider that refuses for its rate and does not say for how long is left alone for the longest window of its limits, but no longer than this, ms. */
const LONGEST_GUESS_MS = 60_000;

export interface RateLimitDeps {
  readonly store: PermitStore;
  readonly clock: Clock;
  readonly provider: Provider;
  /** Names this process. */
  readonly owner?: string | undefined;
  /** Which part of the provider's limits is ours, above 0 and up to 1. Default 1. */
  readonly share?: number | undefined;
  /** Takes one sentence before a wait that a person would notice. */
  readonly note?: ((line: string) => void) | undefined;
  /** Takes a line on each kind of rate-limit header that is not understood, once. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Waits for a permit of every limit that the request counts against, next to the wire, so that each physical request is counted. Buckets and queue
 * are in the store: all processes on the machine share them. What the provider says of its quota, and what it asks for in a 429, holds for all of them too.
 */
export function rateLimit(deps: RateLimitDeps): (next: Send) => Send {
  const { store, clock, provider, owner, share = 1, note, log } = deps;
  const waiting = permitWaiting(store, clock, owner);
  const ignored = new Set<string>();

  function quotaOf(response: HttpResponse): QuotaLeft | undefined {
    const reading = readRateHeaders(response.headers, clock.now());
    for (const { header, why } of reading?.ignored ?? []) {
      const line = `http ${provider.id}: ${header} is ignored: ${why}`;
      if (!ignored.has(line)) log?.(line);
      ignored.add(line);
    }
    if (reading?.remaining === undefined && reading?.limit === undefined) return undefined;
    const { limit, remaining, resetMs } = reading;
    return { limit, remaining, resetMs };
  }

  return (next) => async (request, call) => {
    if (!call.connection) return next(request, call);
    const scope = connectionName(call.connection);
    const rules = rulesFor(provider, call.limits, share);
    const began = clock.now();
    let waited = false;
    const onWait = (waitMs: number) => {
      if (call.deadline !== undefined && clock.now() + waitMs > call.deadline) throw tooLong(waitMs, provider, call);
      if (!waited && waitMs >= NOTICED_MS)
        note?.(`${provider.title} can take the next request in ${formatSpan(waitMs)}.`);
      waited = true;
      call.onWait?.(waitMs);
    };
    const permit = await waiting.take({ scope, rules, call, onWait });
    const waitedMs = waited ? Math.max(0, clock.now() - began) : 0;
    if (call.meter) call.meter.throttledMs += waitedMs;
    const sentAt = clock.now();
    let answered = false;
    let left: QuotaLeft | undefined;
    try {
      const response = await waiting.during(permit, () => next(request, { ...call, waitedMs }));
      answered = true;
      left = quotaOf(response);
      return response;
    } catch (error) {
      if (isLwiError(error) && isHttpResponse(error.facts.answer)) {
        answered = true;
        left = quotaOf(error.facts.answer);
      }
      const pause = pauseOf(error, left, rules);
      if (pause === undefined) throw error;
      await store.holdPermits(scope, rules, pause);
      throw isLwiError(error) ? knowing(error, pause) : error;
    } finally {
      // Nobody need wait until it is written; what cannot be written is over with its time.
      store.settlePermit(permit, { answered, left, tookMs: clock.now() - sentAt }).catch(() => {});
      waiting.ring();
    }
  };
}

/** How long nobody should send after this failure, ms; undefined: it says nothing of the rate. */
function pauseOf(error: unknown, left: QuotaLeft | undefined, rules: readonly LimitRule[]): number | undefined {
  if (isLwiError(error, 'SERVER_ERROR')) return error.facts.retryAfterMs;
  if (!isLwiError(error, 'RATE_LIMITED') || error.facts.unsent) return undefined;
  if (error.facts.retryAfterMs !== undefined) return error.facts.retryAfterMs;
  if (left?.remaining === 0 && left.resetMs !== undefined) return left.resetMs;
  return Math.min(LONGEST_GUESS_MS, Math.max(1000, ...rules.map(({ perMs }) => perMs)));
}

function knowing(error: LwiError, retryAfterMs: number): LwiError {
  if (error.facts.retryAfterMs !== undefined) return error;
  return new LwiError(error.code, error.message, { ...error.facts, retryAfterMs });
}

/** A hold for an hour is not slept through: the caller hears when to come back. */
function tooLong(waitMs: number, provider: Provider, call: Call): LwiError {
  const message = `${provider.title} can take the next request in ${formatSpan(waitMs)}, by its limits or its own word.`;
  return new LwiError('RATE_LIMITED', message, {
    provider: provider.id,
    account: call.connection?.account,
    retryAfterMs: Math.ceil(waitMs),
    unsent: true,
  });
}

/** The rules behind names such as `minute` or `tier2:users.list`, of which the whole names the bucket. */
function rulesFor(provider: Provider, names: readonly string[], share: number): LimitRule[] {
  return names.flatMap((name) => {
    const rule = provider.limits.find((candidate) => candidate.name === ruleName(name));
    return rule ? [{ ...shareOf(rule, share), name }] : [];
  });
}
