import { createAlarm } from '../../src/alarm.ts';
import type { Context } from '../../src/context.ts';
import { workInbox } from '../../src/sync/work-inbox.ts';
import { connectionWatch, parseInterval } from '../shared/connection-watch.ts';
import { liveContext } from '../shared/recordable.ts';
import { runReceiver } from '../shared/run-receiver.ts';
import { eventWork } from './event-work.ts';
import type { ServeOptions } from './serve.ts';
import { serveParts } from './serve-parts.ts';

/** `lwi serve`: receiver, forwarding, inbox and polls beside each other. */
export function runServe(context: Context, options: ServeOptions, ids: readonly string[]): Promise<never> {
  const { clock } = context;
  const intervalMs = parseInterval(options.interval);
  return runReceiver(context, options, async ({ forwardTo, arrived }) => {
    const alarm = createAlarm(clock);
    const ring = () => {
      alarm.ring();
      arrived();
    };
    const parts = await serveParts(context, { ids, intervalMs, forwardTo, arrived: ring });
    await parts.warnOfMissingSecrets();
    const beside = async (signal: AbortSignal) => {
      const { rows: connections, toldPoll: told } = parts;
      const jobs = await context.jobs();
      if (jobs) {
        const { sharedWork } = await import('./shared-work.ts');
        return [sharedWork(context, parts, { jobs, intervalMs, alarm, signal })];
      }
      const polls = { intervalMs, signal, alarm: createAlarm(clock), connections, told };
      const watch = await connectionWatch(liveContext(context), polls);
      return [watch.run(), workInbox(eventWork(context, parts, { pollSoon: watch.soon, alarm, signal }))];
    };
    return { ...parts, beside };
  });
}
