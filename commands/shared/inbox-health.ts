import { isPassingStoreTrouble, type LwiError } from '../../src/errors.ts';
import { formatSpan } from '../../src/span.ts';
import type { Store } from '../../src/store/store.ts';
import { iso } from './when.ts';

/** A delivery that waits longer than this is a sign of trouble, ms. */
const LONG_WAIT_MS = 300_000;
/** How long trouble with the store is remembered, ms. */
const TROUBLE_MS = 60_000;
/** Trouble that lasts is met again sooner, ms: whatever works on the store tries again every few seconds. */
const MET_AGAIN_MS = 6000;

/** What there is to say of an inbox. */
export interface InboxHealth {
  /** Why somebody should look; none: all is well. */
  readonly reasons: readonly string[];
  readonly events: { readonly waiting: number; readonly failed: number; readonly oldestAt?: string | undefined };
}

/** Remembers trouble with the store, and knows how long events have waited. */
export function inboxHealth() {
  let trouble: { readonly at: number; readonly error: LwiError } | undefined;

  /** A server that came back is seen here too, where no delivery comes. That it only reads is not enough: nothing is stored, as nothing is given. */
  async function isOver(store: Pick<Store, 'acceptEvents'>, age: number): Promise<boolean> {
    if (trouble?.error.code !== 'STORE_AWAY' || age < MET_AGAIN_MS) return false;
    try {
      await store.acceptEvents([]);
      return true;
    } catch (error) {
      if (isPassingStoreTrouble(error)) return false;
      throw error;
    }
  }

  return {
    trouble(error: LwiError, at: number): void {
      trouble = { at, error };
    },

    /** Something was stored: whatever was met before is over. */
    well(): void {
      trouble = undefined;
    },

    async state(store: Pick<Store, 'inboxCounts' | 'acceptEvents'>, now: number): Promise<InboxHealth> {
      const counts = await store.inboxCounts();
      const reasons: string[] = [];
      const oldest = Math.min(...counts.flatMap(({ oldestAt }) => oldestAt ?? []));
      if (now - oldest > LONG_WAIT_MS) reasons.push(`events: the oldest has waited for ${formatSpan(now - oldest)}`);
      const before = trouble;
      const age = before ? Math.abs(now - before.at) : 0;
      if (before && age < TROUBLE_MS) {
        if (!(await isOver(store, age))) reasons.push(`store: ${before.error.code}`);
        else if (trouble === before) trouble = undefined;
      }
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
