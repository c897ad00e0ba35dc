import type { Context } from '../../src/context.ts';
import type { ListedEvent } from '../../src/store/inbox-reading.ts';
import type { Terminal } from '../../src/terminal.ts';
import type { Define } from '../shared/define.ts';
import type { EventOptions } from '../shared/event-filter.ts';
import { when } from '../shared/when.ts';
import { wholeNumber } from '../shared/whole-number.ts';

interface Options extends EventOptions {
  readonly limit: string;
}

/** As many as a document in memory may have. */
const MOST = 10_000;

export const define: Define = (parent, run) => {
  parent
    .command('list [provider]')
    .description('what has come in, the newest first')
    .option('--provider <id>', 'the same as the argument')
    .option(
      '--state <state>',
      'received, delivering, delivered, applied, failed; repeatable, or several with commas',
      (states, before: readonly string[] = []) => [...before, ...states.split(',')],
    )
    .option('--since <when>', 'received since then: a date, an ISO time, or a span such as 7d')
    .option('--limit <n>', 'no more than this', '50')
    .action(run(listEvents));
};

async function listEvents(context: Context, options: Options, provider?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const limit = wholeNumber(options.limit, '--limit', 1, MOST);
  const { eventFilter } = await import('../shared/event-filter.ts');
  const filter = await eventFilter(context, options, provider);
  const store = await context.existingStore();
  // One more tells whether there are more.
  const found = (await store?.events({ ...filter, order: 'newest', limit: limit + 1 })) ?? [];
  const events = found.slice(0, limit);
  if (terminal.json) {
    const { listedEvent } = await import('../shared/event-document.ts');
    terminal.document(events.map(listedEvent));
  } else if (events.length === 0) {
    const chosen = options.state ?? options.since ?? filter.provider ?? filter.account;
    return void terminal.info(chosen === undefined ? NOTHING : 'No such event is in the inbox.');
  } else {
    const { renderTable } = await import('../../src/table.ts');
    terminal.out(...renderTable(columns(terminal, events, clock.now()), events, terminal.tableWidth));
  }
  if (found.length > limit) terminal.info(`note: the newest ${limit} are shown; --limit <n> shows more.`);
  return undefined;
}

const NOTHING = 'Nothing has come in yet. `lwi webhook listen` and `lwi serve` receive webhooks.';

function columns(terminal: Terminal, events: readonly ListedEvent[], now: number) {
  const several = new Set(events.map(({ account }) => account)).size > 1;
  return [
    { heading: 'received', cell: ({ receivedAt }: ListedEvent) => when(receivedAt, now) },
    { heading: 'event', cell: ({ key }: ListedEvent) => (key.length > 20 ? key.slice(0, 12) : key) },
    { heading: 'provider', cell: ({ provider }: ListedEvent) => provider },
    { heading: 'account', cell: ({ account }: ListedEvent) => (several ? account || '(nobody)' : '') },
    { heading: 'type', cell: ({ type }: ListedEvent) => type, least: 16 },
    { heading: 'state', cell: ({ standing }: ListedEvent) => paintStanding(terminal, standing) },
    { heading: 'tries', align: 'right' as const, cell: (event: ListedEvent) => tries(event) },
  ];
}

/** The standing in its colour; the word alone says it too. */
function paintStanding({ style }: Terminal, standing: ListedEvent['standing']): string {
  const paint = { received: style.bold, delivering: style.warn, delivered: style.good, applied: style.good };
  return standing === 'failed' ? style.bad(standing) : paint[standing](standing);
}

function tries({ attempts, forwards }: ListedEvent): string {
  const most = Math.max(attempts, ...forwards.map((each) => each.attempts));
  return most > 0 ? String(most) : '';
}
