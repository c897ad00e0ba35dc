import type { LimitRule } from '../provider.ts';

/**
 * Intuit: 500 requests a minute for a realm, 10 a second for a realm and app, 40 batches a minute (developer.intuit.com limits page,
 * blogs.intuit.com 2025/08/13). A little is left to other programs of the same app.
 */
export const limits: readonly LimitRule[] = [
  { name: 'minute', permits: 480, perMs: 60_000, burst: 480, concurrency: 8 },
  { name: 'second', permits: 8, perMs: 1000, burst: 8, concurrency: 8 },
  { name: 'batch', permits: 40, perMs: 60_000, burst: 40, concurrency: 8 },
];

/** Everything counts by minute and second, batches also as such. */
export function limitsFor(_method: string, path: string): readonly string[] {
  return /\/batch(\?|$)/.test(path) ? ['minute', 'second', 'batch'] : ['minute', 'second'];
}
