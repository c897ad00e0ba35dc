import { type Alarm, createAlarm } from '../../src/alarm.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import type { Watch } from '../../src/sync/watch.ts';
import { DEFAULT_RECEIVER_PORT, openReceiver } from '../../src/webhooks/receiver.ts';
import { connectionWatch, parseInterval } from '../shared/connection-watch.ts';
import { type ForwardingJobs, forwardSettings, startForwarding, warnOfTargets } from '../shared/forwarding.ts';
import { announceReceiver } from '../shared/receiver-announcement.ts';
import { liveContext } from '../shared/recordable.ts';
import { statusPages } from '../shared/status-pages.ts';
import { portNumber } from '../shared/whole-number.ts';
import { eventWork } from './event-work.ts';
import type { ServeOptions } from './serve.ts';
import { type ServeParts, serveParts } from './serve-parts.ts';

/** Largest delivery that is taken, bytes; Intuit's may have about one million (SampleApp-Webhooks-Java-Cloudevents). */
const MAX_BODY = 1024 * 1024;

/** `lwi serve`: receiver, inbox, polls and forwarding beside each other until one of them ends, which ends all. */
export async function runServe(context: Context, options: ServeOptions, ids: readonly string[]): Promise<never> {
  const { clock, signal, terminal, host } = context;
  const intervalMs = parseInterval(options.interval);
  const forward = forwardSettings(options);
  const port = options.port === undefined ? DEFAULT_RECEIVER_PORT : portNumber(options.port);
  const on = options.host ?? '127.0.0.1';
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const inboxAlarm = createAlarm(clock);
  let forwarding: ForwardingJobs | undefined;
  const arrived = () => {
    inboxAlarm.ring();
    forwarding?.ring();
  };
  const parts = await serveParts(context, { ids, intervalMs, forwardTo: forward.targets, arrived });
  await parts.warnOfMissingSecrets();
  const pages = {
    health: async () => parts.health.state(parts.store, await parts.rows(), clock.now()),
    metrics: async () => parts.metrics.text(parts.store, await parts.rows(), parts.provider, clock.now()),
  };
  const receiver = await openReceiver({
    ...{ host: on, port, maxBody: MAX_BODY, now: () => clock.now() },
    ...{ receive: parts.receive, told: parts.toldDelivery },
    page: statusPages(pages, isLoopbackHost(on)),
  });
  const jobs: Promise<never>[] = [receiver.failed];
  let inForeground = async () => true;
  try {
    signal.throwIfAborted();
    announceReceiver(context, receiver, options.host, forward.targets);
    await warnOfTargets(context, forward, parts.store);
    inForeground = terminal.inBackground();
    forwarding = startForwarding(context, forward, {
      ...{ store: parts.store, signal: ending.signal },
      attempted: ({ provider }, end) => parts.metrics.attempt(provider, end),
      trouble: (error) => parts.health.trouble(error, clock.now()),
    });
    const watch = await startWatch(context, parts, intervalMs, ending.signal);
    jobs.push(watch.run(), startWork(context, parts, watch, inboxAlarm, ending.signal), ...forwarding.jobs);
    return await Promise.race(jobs);
  } finally {
    signal.removeEventListener('abort', stop);
    ending.abort(new LwiError('TERMINATED', 'The command is ending.'));
    await receiver.close();
    // Whatever they still had to say, the first one has said why it is over.
    await Promise.allSettled(jobs.slice(1));
    forwarding?.close();
    if (!(await inForeground())) host.leaveAtOnce();
  }
}

function startWatch(context: Context, parts: ServeParts, intervalMs: number, signal: AbortSignal): Promise<Watch> {
  return connectionWatch(liveContext(context), {
    ...{ intervalMs, signal, alarm: createAlarm(context.clock), connections: parts.rows, told: parts.toldPoll },
  });
}

async function startWork(
  context: Context,
  parts: ServeParts,
  watch: Watch,
  alarm: Alarm,
  signal: AbortSignal,
): Promise<never> {
  const { workInbox } = await import('../../src/sync/work-inbox.ts');
  return workInbox(eventWork(context, parts, { watch, alarm, signal }));
}
