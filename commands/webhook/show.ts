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
    .command('show <event-id>')
    .description('one event: headers, body, and every attempt to forward it')
    .option('--provider <id>', 'where events of several providers have the same id')
    .option('--raw', 'the request as it came, as HTTP/1.1')
    .option('--fixture', 'the request as a fixture for verify and replay')
    .action(run(showEvent));
};

async function showEvent(context: Context, { provider, raw, fixture }: Options, id: string): Promise<undefined> {
  const { terminal, clock } = context;
  if (raw && fixture) throw new LwiError('USAGE', 'Give --raw or --fixture, not both.');
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
