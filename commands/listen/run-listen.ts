import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import { DEFAULT_RECEIVER_PORT, openReceiver } from '../../src/webhooks/receiver.ts';
import { type ForwardingJobs, forwardSettings, startForwarding, warnOfTargets } from '../shared/forwarding.ts';
import { announceReceiver } from '../shared/receiver-announcement.ts';
import { parseSize } from '../shared/size.ts';
import { statusPages } from '../shared/status-pages.ts';
import { portNumber } from '../shared/whole-number.ts';
import type { ListenOptions } from '../webhook/listen.ts';
import { keepPruned } from './keep-pruned.ts';
import { listenParts } from './listen-parts.ts';

/** Largest delivery that is taken when nobody says otherwise, bytes; Intuit's may have about one million (SampleApp-Webhooks-Java-Cloudevents). */
const MAX_BODY = 1024 * 1024;

/** `lwi webhook listen`: receiver and forwarding beside each other until one of them ends, which ends both. */
export async function runListen(context: Context, options: ListenOptions): Promise<never> {
  const { clock, signal, terminal, host } = context;
  const forward = forwardSettings(options);
  const port = options.port === undefined ? DEFAULT_RECEIVER_PORT : portNumber(options.port);
  const maxBody = options.maxBody === undefined ? MAX_BODY : parseSize(options.maxBody, '--max-body');
  const on = options.host ?? '127.0.0.1';
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let forwarding: ForwardingJobs | undefined;
  const parts = await listenParts(context, { forwardTo: forward.targets, arrived: () => forwarding?.ring() });
  await parts.warnOfMissingSecrets();
  const receiver = await openReceiver({
    ...{ host: on, port, maxBody, now: () => clock.now() },
    ...{ receive: parts.receive, told: parts.toldDelivery },
    page: statusPages(parts.pages, isLoopbackHost(on)),
  });
  const jobs: Promise<never>[] = [receiver.failed];
  let inForeground = async () => true;
  try {
    signal.throwIfAborted();
    announceReceiver(context, receiver, options.host, forward.targets);
    await warnOfTargets(context, forward, parts.store);
    inForeground = terminal.inBackground();
    forwarding = startForwarding(context, forward, {
      ...{ store: parts.store, signal: ending.signal, attempted: parts.attempted, trouble: parts.trouble },
    });
    jobs.push(keepPruned({ ...parts, clock, signal: ending.signal }), ...forwarding.jobs);
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
