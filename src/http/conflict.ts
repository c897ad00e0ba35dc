import { isLwiError, type LwiError } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import { bodyJson, type Call, type HttpRequest, type Send } from './http.ts';

/** When a call must have ended, with all that is fetched and sent again. */
export interface Ending {
  /** ms since the epoch. */
  now(): number;
  /** ms from its start. */
  readonly deadlineMs: number;
}

/** After so many merges of one call somebody else changes the record faster than lwi does. */
const MOST_MERGES = 2;

/**
 * Outermost: when somebody else has changed the record meanwhile and the provider knows a harmless merge, the record is fetched again and the
 * change sent once more on top of it, at most twice. What may be merged is the provider's to say; everything else stays a CONFLICT.
 */
export function resolveConflicts(provider: Provider, ending: Ending): (next: Send) => Send {
  return (next) => async (request, asked) => {
    const call = { ...asked, deadline: asked.deadline ?? ending.now() + ending.deadlineMs };
    let current = request;
    for (let merges = 0; ; merges++) {
      try {
        return await next(current, call);
      } catch (error) {
        if (!isLwiError(error, 'CONFLICT') || merges === MOST_MERGES) throw error;
        const merged = await mergedRequest(current, error, provider, next, call);
        if (!merged) throw error;
        current = merged;
        if (call.meter) call.meter.retries += 1;
      }
    }
  };
}

/** The change on top of the record as it is now; undefined when that cannot be done without harm, or the record cannot be had. */
async function mergedRequest(
  request: HttpRequest,
  { facts }: LwiError,
  provider: Provider,
  next: Send,
  call: Call,
): Promise<HttpRequest | undefined> {
  const resolution = provider.api.resolveConflict?.(request, facts.providerCode);
  if (!resolution) return undefined;
  const { fetch, merge } = resolution;
  const limits = provider.limitsFor(fetch.method, new URL(fetch.url).pathname);
  try {
    return merge(bodyJson(await next(fetch, { ...call, limits, repeatable: true, expects: 'json' })));
  } catch (error) {
    // Deleted meanwhile, for example: what the person must know is still that somebody else was there.
    if (isLwiError(error) && error.category === 'refused') return undefined;
    throw error;
  }
}
