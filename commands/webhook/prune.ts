import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { parseSpan } from '../../src/span.ts';
import type { EventFilter } from '../../src/store/inbox-reading.ts';
import type { Store } from '../../src/store/store.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly provider?: string;
  readonly olderThan: string;
  readonly failed?: boolean;
  readonly all?: boolean;
  readonly allAccounts?: boolean;
  readonly yes?: boolean;
}

/** In one transaction; others have their turn between two of them. */
const AT_ONCE = 500;

export const define: Define = (parent, run) => {
  parent
    .command('prune [provider]')
    .description('remove events that are done with: delivered, applied')
    .option('--provider <id>', 'the same as the argument')
    .option('--older-than <span>', 'received longer ago than this; 0s: all', '30d')
    .option('--failed', 'failed ones as well')
    .option('--all', 'failed ones, and those that were just kept, as well; never what still waits')
    .option('--all-accounts', 'of every account, with --failed or --all and several accounts; else -a names one')
    .option('--yes', 'do not ask before failed or kept ones are removed')
    .action(run(pruneInbox));
};

async function pruneInbox(context: Context, options: Options, named?: string): Promise<undefined> {
  const { terminal, clock, signal, prompt } = context;
  const age = parseSpan(options.olderThan, '--older-than');
  const { eventFilter } = await import('../shared/event-filter.ts');
  const { accountNames, demandNamedAccount, eventAccounts } = await import('../shared/event-accounts.ts');
  const filter: EventFilter = {
    ...(await eventFilter(context, options, named)),
    ...(options.all ? {} : { standings: ['delivered', 'applied', ...(options.failed ? (['failed'] as const) : [])] }),
    idle: true,
    until: clock.now() - age + 1,
  };
  const store = await context.existingStore();
  const accounts = store ? await eventAccounts(store, filter, signal) : [];
  // With several of them, a person must see whose events they are.
  const whose = accounts.length > 1 ? ` of ${accountNames(accounts)}` : '';
  const lossy = accounts.length > 0 && (options.all || options.failed);
  if (lossy && !options.allAccounts) demandNamedAccount(accounts, 'would be removed');
  if (lossy && !options.yes) {
    const sure = await prompt.confirm(`Remove events${whose} that never arrived anywhere?`, '--yes');
    if (!sure) throw new LwiError('INPUT_NEEDED', 'Nothing was removed.', { hint: 'Answer yes, or give --yes.' });
  }
  let removed = 0;
  // One after the other: what became fit meanwhile of an account that was not named stays.
  for (const account of accounts) removed += store ? await removeAll(store, { ...filter, account }, signal) : 0;
  if (terminal.json) return void terminal.document({ removed });
  terminal.out(`${removed === 1 ? '1 event' : `${removed} events`}${whose} removed`);
}

async function removeAll(store: Store, of: EventFilter, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    signal.throwIfAborted();
    const count = await store.removeEvents(of, AT_ONCE);
    removed += count;
    if (count < AT_ONCE) return removed;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
