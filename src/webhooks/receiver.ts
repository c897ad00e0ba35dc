import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LwiError } from '../errors.ts';
import { type Delivery, type DeliveryAnswer, type DeliveryOutcome, refusal } from './delivery.ts';
import { bodyRoom, readBody } from './request-body.ts';

/** A page that is no webhook: status, metrics. */
export interface PageAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface ReceiverOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Largest body that is taken, bytes. */
  readonly maxBody: number;
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Judges and stores a delivery. What it throws is answered with 503, so that the sender tries again. */
  receive(delivery: Delivery): Promise<DeliveryAnswer>;
  /** What else is served, by path without query; undefined: nothing is there. `host` is the Host header. */
  page(path: string, host: string): Promise<PageAnswer | undefined>;
  /** Told of each delivery once it is judged; `provider` only where there is such a one. Never of its content. */
  told(outcome: DeliveryOutcome, provider: string | undefined, error?: unknown): void;
}

export interface Receiver {
  /** Without a slash at the end. */
  readonly url: string;
  /** Rejects when it no longer listens although nobody closed it; else never settles. */
  readonly failed: Promise<never>;
  /** Refuses new deliveries with 503, waits for those under way, and closes. */
  close(): Promise<void>;
}

/** Where webhooks are received when nobody says otherwise: beside the mock's 4680. */
export const DEFAULT_RECEIVER_PORT = 4681;

/** Headers and bodies that do not come in time end the connection: ms. The check runs each second. */
const PATIENCE = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
};

/** Connections at once; further ones are closed. Half of the files that a process may usually have open, since the store needs some too. */
const MOST_CONNECTIONS = 500;

/** Bodies in memory at once, bytes, however many senders there are. */
const BODY_ROOM = 64 * 1024 * 1024;

/**
 * Receives webhooks on `POST /webhooks/<provider>` and `/webhooks/<provider>/<account>`. Slow senders, large bodies and too many at once are refused; every
 * answer is JSON. Throws PORT_IN_USE, or USAGE for an address that cannot be listened on.
 */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const room = bodyRoom(Math.max(BODY_ROOM, options.maxBody));
  const underWay = new Set<Promise<void>>();
  const state: State = { closing: false, reading: new Set() };
  const server = createServer(PATIENCE, (incoming, outgoing) => {
    // Whatever goes wrong here, the peer sees a cut connection and the receiver lives on.
    const work = answer(options, room, state, incoming, outgoing).catch(() => void incoming.socket.destroy());
    underWay.add(work);
    work.finally(() => underWay.delete(work));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const status = late ? '408 Request Timeout' : '400 Bad Request';
    const body = JSON.stringify({ error: late ? 'too-slow' : 'malformed' });
    const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
    if (socket.writable) socket.end(head + body, () => socket.destroy());
    else socket.destroy();
  });
  await listen(server, options);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const ended = (cause?: unknown) => {
    if (!state.closing) reject(new LwiError('INTERNAL', 'The listener for webhooks has ended by itself.', { cause }));
  };
  server.on('error', ended);
  server.on('close', ended);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    failed,
    close: async () => {
      state.closing = true;
      // Who is still sending will send again; what has come whole is stored and answered.
      for (const socket of state.reading) socket.destroy();
      await Promise.all(underWay);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

interface State {
  closing: boolean;
  /** Connections whose request is still coming in. */
  readonly reading: Set<Socket>;
}

async function answer(
  options: ReceiverOptions,
  room: ReturnType<typeof bodyRoom>,
  state: State,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: target = '/', headers } = incoming;
  const path = target.split('?', 1)[0] ?? '/';
  const place = webhookPath(path);
  if (!place) {
    const reads = method === 'GET' || method === 'HEAD';
    const page = reads ? await options.page(path, headers.host ?? '') : undefined;
    incoming.resume();
    if (page) return send(outgoing, page.status, page.type, method === 'HEAD' ? '' : page.body);
    return json(outgoing, 404, { error: 'not-found' });
  }
  if (method !== 'POST') {
    incoming.resume();
    return json(outgoing, 405, { error: 'method-not-allowed' }, { allow: 'POST' });
  }
  const told = await receive(options, room, state, incoming, { ...place, path: target });
  if (!told) return;
  options.told(told.outcome, told.outcome === 'unknown-provider' ? undefined : place.provider, told.error);
  return json(outgoing, told.status, told.body, told.headers);
}

/** Undefined: the sender has gone, nobody is to be answered. */
async function receive(
  options: ReceiverOptions,
  room: ReturnType<typeof bodyRoom>,
  state: State,
  incoming: IncomingMessage,
  place: Pick<Delivery, 'provider' | 'account' | 'path'>,
): Promise<(DeliveryAnswer & { readonly error?: unknown }) | undefined> {
  if (state.closing) return stopping(incoming);
  state.reading.add(incoming.socket);
  const body = await readBody(incoming, options.maxBody, room).finally(() => state.reading.delete(incoming.socket));
  if (body === 'too-large')
    return refusal('too-large', 413, 'too-large', `At most ${options.maxBody} bytes are taken.`);
  if (body === 'no-room') return refusal('overloaded', 503, 'overloaded', 'Too much is coming at once.');
  try {
    if (state.closing) return stopping(incoming);
    const { rawHeaders } = incoming;
    const headers = rawHeaders.flatMap((name, at): [string, string][] =>
      at % 2 ? [] : [[name, rawHeaders[at + 1] ?? '']],
    );
    return await options.receive({ ...place, method: 'POST', headers, body, receivedAt: options.now() });
  } catch (error) {
    return { ...refusal('failed', 503, 'not-stored', 'It could not be stored: send it again.'), error };
  } finally {
    room.give(body.length);
  }
}

function stopping(incoming: IncomingMessage): DeliveryAnswer {
  incoming.resume();
  return refusal('overloaded', 503, 'stopping', 'This receiver is about to end.');
}

/** `/webhooks/<provider>` or `/webhooks/<provider>/<account>`. */
function webhookPath(path: string): { provider: string; account?: string } | undefined {
  const [, provider, spelled] = /^\/webhooks\/([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (provider === undefined) return undefined;
  try {
    return { provider, ...(spelled === undefined ? {} : { account: decodeURIComponent(spelled) }) };
  } catch {
    return undefined;
  }
}

function json(
  outgoing: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  // What was refused unread is not waited for.
  const close = status === 413 || status === 503 ? { connection: 'close' } : {};
  send(outgoing, status, 'application/json', JSON.stringify(body), { ...headers, ...close });
}

function send(
  outgoing: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const plain = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  outgoing.writeHead(status, { ...plain, 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

function listen(server: Server, { port, host }: ReceiverOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      const busy = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        new LwiError(busy ? 'PORT_IN_USE' : 'USAGE', `Port ${port} on ${host} cannot be used (${error.code}).`, {
          cause: error,
        }),
      );
    };
    server.once('error', refused);
    server.listen({ port, host }, () => {
      server.off('error', refused);
      resolve();
    });
  });
}
