import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** The way to a server, which a test can disturb. */
export interface CutProxy {
  readonly port: number;
  /** `loses`: cuts a connection as soon as the server answers on it, and then passes again. `swallows`: nothing arrives any more. */
  mode: 'passes' | 'loses' | 'swallows';
}

/** Passes what comes on a free port of loopback on to `port`, until the test ends. */
export async function cutProxy(port: number): Promise<CutProxy> {
  const open = new Set<Socket>();
  const proxy = { port: 0, mode: 'passes' } as { port: number; mode: CutProxy['mode'] };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (proxy.mode !== 'swallows') far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (proxy.mode === 'passes') near.write(bytes);
      if (proxy.mode !== 'loses') return;
      proxy.mode = 'passes';
      near.destroy();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  proxy.port = typeof address === 'object' && address !== null ? address.port : 0;
  return proxy;
}
