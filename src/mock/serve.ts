import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import type { Mock } from './mock.ts';

/** Largest request body that is read, bytes. */
const LARGEST_BODY = 1024 * 1024;

export interface ServeOptions {
  readonly mock: Mock;
  /** 0: any free port. */
  readonly port: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
}

export interface ServedMock {
  /** Base URL without a slash at the end, e.g. `http://127.0.0.1:4680`. */
  readonly url: string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** Serves a mock over HTTP/1.1. Throws LwiError PORT_IN_USE, or USAGE for an address that cannot be listened on. */
export async function serveMock({ mock, port, host = '127.0.0.1' }: ServeOptions): Promise<ServedMock> {
  const onLoopback = isLoopbackHost(host.includes(':') ? `[${host}]` : host);
  const server = createServer((incoming, outgoing) => {
    // Whatever goes wrong here, the peer sees a cut connection and the server lives on.
    handle(mock, incoming, outgoing, onLoopback).catch(() => incoming.socket.destroy());
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  await listen(server, port, host);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  mock: Mock,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  onLoopback: boolean,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === 'too large') return refuse(outgoing, 413);
  const request = toRequest(incoming, body, onLoopback);
  if (request === undefined) return refuse(outgoing, 400);
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const answer = await mock.fetch(request, gone.signal);
  if (answer.type === 'error') {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(answer.status, [...answer.headers].flat());
  if (answer.body === null) {
    outgoing.end();
    return;
  }
  await sendBody(answer.body, outgoing);
}

/** A body that breaks off ends the connection, after what there was of it has gone out. */
async function sendBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  try {
    for await (const chunk of body) await write(outgoing, chunk);
  } catch {
    outgoing.socket?.destroySoon();
    return;
  }
  outgoing.end();
}

/** Resolves when the bytes are with the system, so that a slow reader holds up what is made for it. */
function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the peer has closed the connection'));
    outgoing.once('close', gone);
    outgoing.write(chunk, () => {
      outgoing.off('close', gone);
      resolve();
    });
  });
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The request is left alive when it is too large, so that its sender can read why.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > LARGEST_BODY) return 'too large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Undefined for what no provider would take: a target that is no path, a method that fetch forbids, or a foreign Host at a
 * loopback address (a web page whose name was rebound to this machine).
 */
function toRequest(incoming: IncomingMessage, body: Buffer, onLoopback: boolean): Request | undefined {
  const { method = 'GET', url: target = '', headers } = incoming;
  const url = URL.parse(`http://${headers.host ?? ''}${target}`);
  if (url === null || !target.startsWith('/') || (onLoopback && !isLoopbackHost(url.hostname))) return undefined;
  const bodiless = method === 'GET' || method === 'HEAD';
  try {
    const pairs = incoming.rawHeaders.flatMap((name, at, all): [string, string][] =>
      at % 2 ? [] : [[name, all[at + 1] ?? '']],
    );
    return new Request(url, { method, headers: pairs, ...(bodiless ? {} : { body: new Uint8Array(body) }) });
  } catch {
    return undefined;
  }
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { connection: 'close', 'content-length': 0 }).end();
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return reject(new LwiError('USAGE', `a port is a number from 0 to 65535, not ${port}`));
    }
    server.once('error', (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE';
      const what = busy ? `port ${port} on ${host} is in use` : `cannot listen on ${host}:${port} (${error.code})`;
      reject(new LwiError(busy ? 'PORT_IN_USE' : 'USAGE', what, { cause: error }));
    });
    server.listen({ port, host }, resolve);
  });
}
