import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that gives every request the same JSON, `afterMs` late. */
export async function openSlowServer(afterMs: number, json: unknown): Promise<{ url: string }> {
  const server = createServer((_, response) => {
    setTimeout(() => response.setHeader('content-type', 'application/json').end(JSON.stringify(json)), afterMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token` };
}
