import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemUptime } from '../../src/clock.ts';
import type { LimitRule } from '../../src/providers/provider.ts';
import type { Certified } from '../support/certificate.ts';

/** A server that refuses the first request too many in any window, counted when it arrives. */
export interface StrictServer {
  readonly url: string;
  /** When each request came that was let through, ms on the machine's uptime. */
  readonly accepted: readonly number[];
  readonly refused: () => number;
  close(): Promise<void>;
}

interface Options {
  /** The address to listen on; default: 127.0.0.1. */
  readonly listen?: string;
  /** Absent: without TLS. */
  readonly certified?: Certified;
  /** Whether a page has another one behind it, for those who follow Link headers (RFC 8288); absent: never. */
  readonly goesOn?: () => boolean;
}

/** Enforces the rules as exact sliding windows at the moment of arrival. */
export async function strictServer(
  rules: readonly LimitRule[],
  { listen = '127.0.0.1', certified, goesOn = () => false }: Options = {},
): Promise<StrictServer> {
  const accepted: number[] = [];
  let refused = 0;
  const answer: RequestListener = (_incoming, outgoing) => {
    const now = uptimeMs();
    const full = rules.some(({ permits, perMs }) => {
      const oldest = accepted[accepted.length - permits];
      return oldest !== undefined && oldest + perMs > now;
    });
    if (full) refused += 1;
    else accepted.push(now);
    const headers = { 'content-type': 'application/json', ...(goesOn() ? { link: nextOf(accepted.length) } : {}) };
    outgoing.writeHead(full ? 429 : 200, headers).end('{}');
  };
  const server = certified ? createTlsServer(certified, answer) : createServer(answer);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, listen, resolve));
  return {
    url: `${certified ? 'https' : 'http'}://${listen}:${(server.address() as AddressInfo).port}`,
    accepted,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Now, as `accepted` has it. */
export const uptimeMs = () => systemUptime()?.ms ?? performance.now();

const nextOf = (page: number) => `<?page=${page}>; rel="next"`;
