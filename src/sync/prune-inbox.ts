import type { Clock } from '../clock.ts';
import type { Inbox } from '../store/inbox.ts';

/** How long applied deliveries are remembered, so that they are known when they come again, ms; and how often older ones are dropped, how many at once. */
const PRUNE = { keepMs: 30 * 86_400_000, everyMs: 60_000, most: 500 };

/** Drops old deliveries, a few now and then, each time that it is called when it is time. */
export function inboxPruning(inbox: Pick<Inbox, 'pruneEvents'>, clock: Clock): () => Promise<void> {
  let prunedAt = 0;
  return async () => {
    if (clock.now() - prunedAt < PRUNE.everyMs) return;
    prunedAt = clock.now();
    await inbox.pruneEvents(prunedAt - PRUNE.keepMs, PRUNE.most);
  };
}
