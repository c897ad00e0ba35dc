import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { ListedEvent } from '../../src/store/inbox-reading.ts';

/** Fewer characters of an id are taken for a mistake. */
const LEAST = 6;
/** Events that are named when several fit. */
const NAMED = 5;
/** Events that are counted when several fit. */
const MOST = 100;

/**
 * The event of the inbox whose id is `text`, or the only one whose id begins with it, among those of the account that flag, environment or config name.
 * Throws INPUT_INVALID when there is none, or more than one, and PROVIDER_UNKNOWN.
 */
export async function findEvent(context: Context, text: string, provider?: string): Promise<ListedEvent> {
  if (provider !== undefined) await context.provider(provider);
  const store = await context.existingStore();
  const ask = { account: await context.namedAccount(), provider, order: 'newest', limit: MOST } as const;
  const exact = (await store?.events({ ...ask, exactKey: text })) ?? [];
  const beginning = exact.length === 0 && text.length >= LEAST;
  const fitting = beginning ? ((await store?.events({ ...ask, key: text })) ?? []) : exact;
  const [one, ...others] = fitting;
  if (one === undefined) {
    throw new LwiError('INPUT_INVALID', 'The inbox holds no event of that id.', {
      hint: 'Run `lwi webhook list`; an id may be cut to its first 6 characters or more.',
    });
  }
  if (others.length === 0) return one;
  const names = fitting.slice(0, NAMED).map(({ account: of, provider: by, key }) => `${of}/${by} ${key}`);
  const count = fitting.length < MOST ? String(fitting.length) : `${MOST} or more`;
  throw new LwiError('INPUT_INVALID', `${count} events fit: ${names.join(', ')}.`, {
    hint: 'Give more of the id, --account or --provider.',
  });
}
