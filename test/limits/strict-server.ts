import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemUptime } from '../../src/clock.ts';
import type { LimitRule } from '../../src/providers/provider.ts';

/** A server that refuses the first request too many in any window, counted when it arrives. */
export interface StrictServer {
  readonly url: string;
  /** When each request came that was let through, ms on the machine's uptime. */
  readonly accepted: readonly number[];
  readonly refused: () => number;
  close(): Promise<void>;
}

/** Enforces the rules as exact sliding windows at the moment of arrival. */
export async function strictServer(rules: readonly LimitRule[]): Promise<StrictServer> {
  const accepted: number[] = [];
  let refused = 0;
  const server = createServer((_incoming, outgoing) => {
    const now = systemUptime()?.ms ?? performance.now();
    const full = rules.some(({ permits, perMs }) => {
      const oldest = accepted[accepted.length - permits];
      return oldest !== undefined && oldest + perMs > now;
    });
    if (full) refused += 1;
    else accepted.push(now);
    outgoing.writeHead(full ? 429 : 200, { 'content-type': 'application/json' }).end('{}');
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
