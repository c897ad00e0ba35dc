import { LwiError } from '../../src/errors.ts';
import { formatSpan } from '../../src/span.ts';
import { connectionWatch, parseInterval } from './connection-watch.ts';
import { tellPoll } from './poll-line.ts';
import type { RecordableContext } from './recordable.ts';
import { chosenStreams } from './sync-once.ts';

export interface WatchOptions {
  /** As given; absent: 5m. */
  readonly interval?: string | undefined;
  /** Names of the entities; absent: all. */
  readonly entities?: readonly string[] | undefined;
}

/**
 * `lwi sync --watch`: polls the connections of the chosen account (of one provider, if it is named) until stopped. Throws USAGE, NOT_CONNECTED, and the reason
 * of the stop.
 */
export async function watchConnections(
  context: RecordableContext,
  { interval = '5m', entities }: WatchOptions,
  provider?: string,
): Promise<never> {
  const { terminal, clock } = context;
  const { createAlarm } = await import('../../src/alarm.ts');
  const intervalMs = parseInterval(interval);
  if (provider !== undefined) chosenStreams(await context.provider(provider), entities);
  const connections = async () =>
    (await context.connections()).rows.filter((row) => provider === undefined || row.provider === provider);
  if ((await connections()).length === 0) await refuse(context, provider);
  const watch = await connectionWatch(context, {
    ...{ intervalMs, entities, alarm: createAlarm(clock), connections },
    told: (end) => tellPoll(terminal, end, clock.now()),
  });
  terminal.info(`polling every ${formatSpan(intervalMs)}   (Ctrl-C ends it)`);
  return watch.run();
}

async function refuse(context: RecordableContext, provider: string | undefined): Promise<never> {
  if (provider !== undefined) await context.connection(provider);
  const { account } = await context.connections();
  throw new LwiError('NOT_CONNECTED', `Account ${account} has no connection to sync.`, {
    account,
    hint: 'Run `lwi connect <provider>`.',
  });
}
