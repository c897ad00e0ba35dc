import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { ListedEvent } from '../../src/store/inbox-reading.ts';

/** Fewer characters of an id are taken for a mistake. */
const LEAST = 6;
/** Events that are named when several fit. */
const NAMED = 5;

/**
 * The event of the inbox whose id is `text`, or the only one whose id begins with it, among those of the account that flag, environment or config name.
 * Throws INPUT_INVALID when there is none, or more than one.
 */
export async function findEvent(context: Context, text: string, provider?: string): Promise<ListedEvent> {
  const store = await context.existingStore();
  const account = await context.namedAccount();
  const found = (await store?.events({ account, provider, key: text, order: 'newest', limit: 100 })) ?? [];
  const exact = found.filter(({ key }) => key === text);
  const fitting = exact.length > 0 ? exact : text.length >= LEAST ? found : [];
  const [one, ...others] = fitting;
  if (one === undefined) {
    throw new LwiError('INPUT_INVALID', 'The inbox holds no event of that id.', {
      hint: 'Run `lwi webhook list`; an id may be cut to its first 6 characters or more.',
    });
  }
  if (others.length === 0) return one;
  const names = fitting.slice(0, NAMED).map(({ account: of, provider: by, key }) => `${of}/${by} ${key}`);
  throw new LwiError('INPUT_INVALID', `${fitting.length} events fit: ${names.join(', ')}.`, {
    hint: 'Give more of the id, --account or --provider.',
  });
}
