import type { LwiError } from '../../src/errors.ts';
import { formatSpan } from '../../src/span.ts';
import type { Store } from '../../src/store/store.ts';
import { iso } from './when.ts';

/** A delivery that waits longer than this is a sign of trouble, ms. */
const LONG_WAIT_MS = 300_000;
/** How long trouble with the store is remembered, ms. */
const TROUBLE_MS = 60_000;

/** What there is to say of an inbox. */
export interface InboxHealth {
  /** Why somebody should look; none: all is well. */
  readonly reasons: readonly string[];
  readonly events: { readonly waiting: number; readonly failed: number; readonly oldestAt?: string | undefined };
}

/** Remembers trouble with the store, and knows how long events have waited. */
export function inboxHealth() {
  let trouble: { readonly at: number; readonly error: LwiError } | undefined;
  return {
    trouble(error: LwiError, at: number): void {
      trouble = { at, error };
    },

    async state(store: Pick<Store, 'inboxCounts'>, now: number): Promise<InboxHealth> {
      const counts = await store.inboxCounts();
      const reasons: string[] = [];
      const oldest = Math.min(...counts.flatMap(({ oldestAt }) => oldestAt ?? []));
      if (now - oldest > LONG_WAIT_MS) reasons.push(`events: the oldest has waited for ${formatSpan(now - oldest)}`);
      if (trouble && Math.abs(now - trouble.at) < TROUBLE_MS) reasons.push(`store: ${trouble.error.code}`);
      const sum = (of: 'received' | 'failed') => counts.reduce((total, count) => total + count[of], 0);
      return {
        reasons,
        events: {
          waiting: sum('received'),
          failed: sum('failed'),
          oldestAt: Number.isFinite(oldest) ? iso(oldest) : undefined,
        },
      };
    },
  };
}
