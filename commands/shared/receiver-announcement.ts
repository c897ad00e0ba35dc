import type { Context } from '../../src/context.ts';
import { isLoopbackHost } from '../../src/loopback-host.ts';
import type { Receiver } from '../../src/webhooks/receiver.ts';

/** Says where webhooks are received, and who can reach it; `host` as given. */
export function announceReceiver(
  { terminal }: Context,
  { url }: Receiver,
  host: string | undefined,
  forwardTo: readonly string[],
): void {
  if (terminal.json) terminal.document({ type: 'ready', url });
  else {
    const targets = forwardTo.map((target) => `forwarding them to ${target}`);
    terminal.out(`receiving webhooks at ${url}/webhooks/<provider>`, ...targets);
    terminal.info(`health at ${url}/healthz, metrics at /metrics (Ctrl-C ends it)`);
  }
  if (host !== undefined && !isLoopbackHost(host))
    terminal.warn(`${url} can be reached from other machines, without TLS; /healthz and /metrics name your accounts.`);
}
