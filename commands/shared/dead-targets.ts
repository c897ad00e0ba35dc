import type { Store } from '../../src/store/store.ts';

/**
 * Lets wait again what processes that have died were sending to targets that nobody sends to now, so that it can be replayed. Targets of `except` are left to
 * whoever is about to send there.
 */
export async function recoverDeadTargets(
  store: Pick<Store, 'forwardCounts' | 'holdTarget' | 'recoverForwards'>,
  now: number,
  except: readonly string[] = [],
): Promise<void> {
  const waiting = (await store.forwardCounts()).filter((count) => count.waiting > 0).map(({ target }) => target);
  for (const target of new Set(waiting)) {
    const hold = except.includes(target) ? undefined : await store.holdTarget(target);
    if (!hold) continue;
    await store.recoverForwards(target, now).finally(() => hold.release());
  }
}
