import type { Provider } from '../../providers/provider.ts';

/** No line of the checklist sends so many requests; `perMs` in ms. */
const GENEROUS = { permits: 1_000_000, perMs: 1000, burst: 1_000_000, concurrency: 100 };

/**
 * The provider with generous limits under the names of its own: what a request counts against stays, and no wait for a permit is taken for another wait, nor
 * is a call over before its turn comes. With a request a day, nothing but the limit could be tried otherwise.
 */
export function relaxedLimits(provider: Provider): Provider {
  return { ...provider, limits: provider.limits.map(({ name }) => ({ name, ...GENEROUS })) };
}
