import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** A loopback port that nobody listens on, and that the system does not give out again at once. */
export async function freePort(): Promise<number> {
  const { port, server } = await occupyPort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Listens on a port, free or the given one, on 127.0.0.1. Rejects when it is taken. */
export function occupyPort(port = 0): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, server }));
  });
}
