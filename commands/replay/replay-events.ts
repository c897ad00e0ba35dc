import { LwiError } from '../../src/errors.ts';
import type { EventFilter, ListedEvent } from '../../src/store/inbox-reading.ts';
import type { Store } from '../../src/store/store.ts';
import { withEventId } from '../../src/webhooks/forward-request.ts';
import type { ReplayItem, TakeItem } from './replay-item.ts';

/** Events that are listed at once; their bodies are read one by one. */
const PAGE = 200;

/** Every event of the inbox that fits, in the order in which they came, or the other way round. */
export async function eachEvent(
  store: Pick<Store, 'events' | 'event'>,
  filter: EventFilter,
  order: 'oldest' | 'newest',
  take: TakeItem,
): Promise<void> {
  let after: number | undefined;
  for (;;) {
    const page = await store.events({ ...filter, order, after, limit: PAGE });
    for (const listed of page) await take(replayOfEvent(store, listed));
    if (page.length < PAGE) return;
    after = page.at(-1)?.event;
  }
}

/** An event as something to be sent, by whose id the target can tell a repeat; its body is read when it is its turn. */
export function replayOfEvent(
  store: Pick<Store, 'event'>,
  {
    event,
    key,
    account,
    provider,
    receivedAt,
  }: Pick<ListedEvent, 'event' | 'key' | 'account' | 'provider' | 'receivedAt'>,
): ReplayItem {
  return {
    event: { number: event, key, account },
    ...{ provider, receivedAt },
    load: async () => {
      const kept = await store.event(event);
      if (!kept) return new LwiError('INPUT_INVALID', 'it is no longer in the inbox', { provider });
      return { ...kept, headers: withEventId(kept.headers, key) };
    },
  };
}
