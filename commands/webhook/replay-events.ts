import { LwiError } from '../../src/errors.ts';
import type { EventFilter, ListedEvent } from '../../src/store/inbox-reading.ts';
import type { Store } from '../../src/store/store.ts';
import type { ReplayItem, TakeItem } from './replay-item.ts';

/** Events that are listed at once; their bodies are read one by one. */
const PAGE = 200;
/** Shortest beginning of an id that is looked up. */
const SHORTEST = 6;
/** Events that are looked at to tell which one an id means. */
const CANDIDATES = 20;

/** Every event of the inbox that fits, in the order of its numbers. Those that come meanwhile may be among them. */
export async function eachEvent(
  store: Pick<Store, 'events' | 'event'>,
  filter: EventFilter,
  order: 'oldest' | 'newest',
  take: TakeItem,
): Promise<void> {
  let after: number | undefined;
  for (;;) {
    const page = await store.events({ ...filter, order, after, limit: PAGE });
    for (const listed of page) await take(itemOf(store, listed));
    if (page.length < PAGE) return;
    after = page.at(-1)?.event;
  }
}

/** The event that an id or its beginning means. Throws USAGE when there is none, or when it could be several. */
export async function eventNamed(
  store: Pick<Store, 'events' | 'event'> | undefined,
  id: string,
  filter: EventFilter,
): Promise<ReplayItem> {
  const found = (await store?.events({ ...filter, key: id, order: 'newest', limit: CANDIDATES })) ?? [];
  const exact = found.filter(({ key }) => key === id);
  const meant = exact.length > 0 ? exact : id.length < SHORTEST ? [] : found;
  const [only] = meant;
  if (!store || !only)
    throw new LwiError('USAGE', `"${id.slice(0, 200)}" is neither a file nor the id of an event in the inbox.`, {
      hint: `Run \`lwi webhook list\`; ${SHORTEST} characters of an id are enough where they mean one event.`,
    });
  if (meant.length === 1) return itemOf(store, only);
  const which = meant.slice(0, 5).map(({ provider, account, key }) => `${key} (${provider}, account ${account})`);
  throw new LwiError('USAGE', `"${id}" could be several events: ${which.join(', ')}${meant.length > 5 ? ', …' : ''}.`, {
    hint: 'Give more of the id, or narrow it with --provider and -a.',
  });
}

function itemOf(store: Pick<Store, 'event'>, { event, key, account, provider, receivedAt }: ListedEvent): ReplayItem {
  return {
    event: { number: event, key, account },
    ...{ provider, receivedAt },
    load: async () =>
      (await store.event(event)) ?? new LwiError('INPUT_INVALID', 'it is no longer in the inbox', { provider }),
  };
}
