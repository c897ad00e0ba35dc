import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import { DEFAULT_RECEIVER_PORT, openReceiver, type ReceiverOptions } from '../../src/webhooks/receiver.ts';
import {
  type ForwardingJobs,
  type ForwardingParts,
  type ForwardOptions,
  forwardSettings,
  startForwarding,
  warnOfTargets,
} from './forwarding.ts';
import { announceReceiver } from './receiver-announcement.ts';
import { parseSize } from './size.ts';
import { type StatusSource, statusPages } from './status-pages.ts';
import { portNumber } from './whole-number.ts';

/** Options of the commands that receive webhooks, as given. */
export interface ReceiverCommandOptions extends ForwardOptions {
  readonly port?: string;
  readonly host?: string;
  readonly maxBody?: string;
}

/** What the parts of one of these commands must know before they are made. */
export interface ReceiverChoice {
  /** URLs. */
  readonly forwardTo: readonly string[];
  /** Called when something new is in the inbox. */
  arrived(): void;
}

/** What one of them brings with it. */
export interface ReceiverParts
  extends Omit<ForwardingParts, 'signal'>,
    Pick<ReceiverOptions, 'receive' | 'knows'>,
    Record<'pages', StatusSource> {
  readonly toldDelivery: ReceiverOptions['told'];
  /** Starts what goes on beside receiver and forwarding, until the signal. */
  beside(signal: AbortSignal): Promise<readonly Promise<never>[]>;
}

/** Largest delivery that is taken when nobody says otherwise, bytes; Intuit's may have about one million (SampleApp-Webhooks-Java-Cloudevents). */
export const DEFAULT_MAX_BODY = 1024 * 1024;

/** Receives and forwards, beside whatever else the parts do, until one of them ends, which ends all. Throws why. */
export async function runReceiver(
  context: Context,
  options: ReceiverCommandOptions,
  make: (choice: ReceiverChoice) => Promise<ReceiverParts>,
): Promise<never> {
  const { clock, signal, terminal, host } = context;
  const forward = forwardSettings(options);
  const port = options.port === undefined ? DEFAULT_RECEIVER_PORT : portNumber(options.port);
  const maxBody = options.maxBody === undefined ? DEFAULT_MAX_BODY : parseSize(options.maxBody, '--max-body');
  const on = options.host ?? '127.0.0.1';
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let forwarding: ForwardingJobs | undefined;
  const parts = await make({ forwardTo: forward.targets, arrived: () => forwarding?.ring() });
  const receiver = await openReceiver({
    ...{ host: on, port, maxBody, now: () => clock.now() },
    ...{ knows: parts.knows, receive: parts.receive, told: parts.toldDelivery },
    page: statusPages(parts.pages, isLoopbackHost(on)),
  });
  const jobs: Promise<never>[] = [receiver.failed];
  let inForeground = async () => true;
  try {
    signal.throwIfAborted();
    announceReceiver(context, receiver, options.host, forward.targets);
    await warnOfTargets(context, forward, parts.store);
    inForeground = terminal.inBackground();
    forwarding = startForwarding(context, forward, { ...parts, signal: ending.signal });
    jobs.push(...forwarding.jobs);
    jobs.push(...(await parts.beside(ending.signal)));
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
