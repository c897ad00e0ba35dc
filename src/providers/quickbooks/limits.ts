import type { LimitRule } from '../provider.ts';

/**
 * Intuit: 500 requests a minute for a realm, 10 a second for a realm and app, 40 batches a minute (developer.intuit.com limits page,
 * blogs.intuit.com 2025/08/13). Who runs other programs on the same company leaves them a part by `limits.quickbooks.share` in the config.
 */
export const limits: readonly LimitRule[] = [
  { name: 'minute', permits: 500, perMs: 60_000, burst: 500, concurrency: 10 },
  { name: 'second', permits: 10, perMs: 1000, burst: 10, concurrency: 10 },
  { name: 'batch', permits: 40, perMs: 60_000, burst: 40, concurrency: 10 },
];

/** Everything counts by minute and second, batches also as such. */
export function limitsFor(_method: string, path: string): readonly string[] {
  return /\/batch(\?|$)/.test(path) ? ['minute', 'second', 'batch'] : ['minute', 'second'];
}
