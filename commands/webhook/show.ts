import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';

interface Options {
  readonly provider?: string;
  readonly raw?: boolean;
  readonly fixture?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('show [event-id]')
    .description('one event: headers, body, and every attempt to forward it')
    .option('--provider <id>', 'where events of several providers have the same id')
    .option('--raw', 'the request as it came, as HTTP/1.1')
    .option('--fixture', 'the request as a fixture for verify and replay')
    .action(run(showEvent));
};

async function showEvent(context: Context, { provider, raw, fixture }: Options, given?: string): Promise<undefined> {
  const { terminal, clock } = context;
  if (raw && fixture) throw new LwiError('USAGE', 'Give --raw or --fixture, not both.');
  const id = given ?? (await askedEvent(context, provider));
  const { findEvent } = await import('../shared/find-event.ts');
  const { eventDocument, eventFixture, eventLines, rawRequest } = await import('../shared/event-rendering.ts');
  const listed = await findEvent(context, id, provider);
  const store = await context.store();
  const event = await store.event(listed.event);
  if (!event) throw new LwiError('INPUT_INVALID', 'The event has just been removed.');
  if (raw) return void terminal.raw(rawRequest(event));
  if (fixture) return void terminal.document(eventFixture(event));
  const attempts = await store.eventAttempts(listed.event);
  if (terminal.json) return void terminal.document(eventDocument(listed, event, attempts));
  terminal.out(...eventLines(terminal, { listed, event, attempts, now: clock.now() }));
}

/** So many of the newest are offered. */
const OFFERED = 20;

async function askedEvent(context: Context, provider: string | undefined): Promise<string> {
  const { askedWords } = await import('../shared/asked-words.ts');
  const { when } = await import('../shared/when.ts');
  const choices = async () => {
    const ask = { account: await context.namedAccount(), provider, order: 'newest', limit: OFFERED } as const;
    const events = (await (await context.existingStore())?.events(ask)) ?? [];
    if (events.length === 0) {
      throw new LwiError('INPUT_INVALID', 'The inbox holds no event.', {
        hint: 'Run `lwi webhook listen` or `lwi serve`, which receive them.',
      });
    }
    const now = context.clock.now();
    return events.map(({ key, provider: of, standing, receivedAt }) => ({
      value: key,
      about: `${of}, ${standing}, ${when(receivedAt, now)}`,
    }));
  };
  const question = { argument: 'event-id', text: 'Which event?', choices, lookUp: '`lwi webhook list` shows them.' };
  const [id = ''] = await askedWords(context, ['webhook', 'show'], [undefined], [question]);
  return id;
}
