import { LwiError } from '../../src/errors.ts';
import type { EventFilter, InboxReading } from '../../src/store/inbox-reading.ts';

/** Events that are looked at in one go; others have their turn between two of them. */
const AT_ONCE = 500;
/** Names in one line; the others are counted. */
const NAMED = 8;

/** The accounts of all events that fit, sorted; the empty one is nobody's. Throws the signal's reason. */
export async function eventAccounts(
  store: Pick<InboxReading, 'events'>,
  of: EventFilter,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const accounts = new Set<string>();
  for (let after: number | undefined; ; ) {
    signal.throwIfAborted();
    const page = await store.events({ ...of, order: 'oldest', after, limit: AT_ONCE });
    for (const { account } of page) accounts.add(account);
    if (page.length < AT_ONCE) return [...accounts].sort();
    after = page.at(-1)?.event;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Accounts for a line for people: `acme, north`. */
export function accountNames(accounts: readonly string[]): string {
  const more = accounts.length - NAMED;
  const names = accounts.slice(0, NAMED).map((account) => account || '(nobody)');
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Throws USAGE when events of several tenants are meant by what names none; `what` happens to them: `would be removed`. What is of nobody is no tenant's. */
export function demandNamedAccount(accounts: readonly string[], what: string): void {
  if (accounts.filter((account) => account !== '').length <= 1) return;
  throw new LwiError('USAGE', `Events of ${accountNames(accounts)} ${what}: say whose are meant.`, {
    hint: 'Give -a <account>, or --all-accounts.',
  });
}
