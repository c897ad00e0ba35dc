import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An application that takes every webhook: where it listens, and what ends it. */
export interface DemoApp {
  readonly url: string;
  close(): void;
}

/** Serves it on a free port of loopback. */
export async function serveDemoApp(): Promise<DemoApp> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
