import { type Alarm, createAlarm } from '../../src/alarm.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import type { Watch } from '../../src/sync/watch.ts';
import { DEFAULT_RECEIVER_PORT, openReceiver, type Receiver } from '../../src/webhooks/receiver.ts';
import { connectionWatch, parseInterval } from '../shared/connection-watch.ts';
import { liveContext } from '../shared/recordable.ts';
import { wholeNumber } from '../shared/whole-number.ts';
import { eventWork } from './event-work.ts';
import type { ServeOptions } from './serve.ts';
import { servePages } from './serve-pages.ts';
import { type ServeParts, serveParts } from './serve-parts.ts';

/** Largest delivery that is taken, bytes; Intuit's may have about one million (SampleApp-Webhooks-Java-Cloudevents). */
const MAX_BODY = 1024 * 1024;

/** `lwi serve`: receiver, inbox and polls beside each other until one of them ends, which ends all. */
export async function runServe(context: Context, options: ServeOptions, ids: readonly string[]): Promise<never> {
  const { clock, signal } = context;
  const intervalMs = parseInterval(options.interval);
  const port = options.port === undefined ? DEFAULT_RECEIVER_PORT : wholeNumber(options.port, '--port');
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const inboxAlarm = createAlarm(clock);
  const parts = await serveParts(context, { ids, intervalMs, arrived: inboxAlarm.ring });
  await parts.warnOfMissingSecrets();
  const receiver = await openReceiver({
    ...{ host: options.host ?? '127.0.0.1', port, maxBody: MAX_BODY, now: () => clock.now() },
    ...{ receive: parts.receive, told: parts.toldDelivery },
    page: servePages(parts, options.host === undefined),
  });
  const jobs: Promise<never>[] = [receiver.failed];
  try {
    signal.throwIfAborted();
    announce(context, options, receiver);
    const watch = await startWatch(context, parts, intervalMs, ending.signal);
    jobs.push(watch.run(), startWork(context, parts, watch, inboxAlarm, ending.signal));
    return await Promise.race(jobs);
  } finally {
    signal.removeEventListener('abort', stop);
    await receiver.close();
    ending.abort(new LwiError('TERMINATED', 'The command is ending.'));
    // Whatever they still had to say, the first one has said why it is over.
    await Promise.allSettled(jobs.slice(1));
  }
}

function announce({ terminal }: Context, { host }: ServeOptions, { url }: Receiver): void {
  if (terminal.json) terminal.document({ type: 'ready', url });
  else {
    terminal.out(`receiving webhooks at ${url}/webhooks/<provider>`);
    terminal.info(`health at ${url}/healthz, metrics at ${url}/metrics   (Ctrl-C ends it)`);
  }
  const open = host !== undefined && !isLoopbackHost(host);
  if (open)
    terminal.warn(`${url} can be reached from other machines, without TLS; /healthz and /metrics name your accounts.`);
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
