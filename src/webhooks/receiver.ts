import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LwiError } from '../errors.ts';
import { type AnswerDeadline, answerDeadline } from './answer-deadline.ts';
import { type ConnectionLimit, limitConnections } from './connection-limit.ts';
import { type Delivery, type DeliveryAnswer, type DeliveryOutcome, refusal } from './delivery.ts';
import { answerJson, answerText, answerUnread } from './http-answer.ts';
import { mostConnections } from './most-connections.ts';
import { refuseUnparsed } from './parser-refusal.ts';
import { type BodyReaders, bodyReaders } from './request-body.ts';
import { originForm, type WebhookPlace, webhookPlace } from './webhook-path.ts';

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
  /** Connections at once. Absent: as many as this process may have files open, up to a thousand. */
  readonly maxConnections?: number;
  /** Requests in memory at once, bytes. Absent: 64 MiB. */
  readonly room?: number;
  /** How long headers may take, ms. Absent: 5 s; the whole request may take twice that. */
  readonly patienceMs?: number;
  /** What is not judged and stored after this is refused, ms. Absent: 2.5 s; Slack and Intuit want an answer within 3. */
  readonly answerMs?: number;
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
  /** Takes no new deliveries, waits for those under way to be answered, and closes. */
  close(): Promise<void>;
}

/** Where webhooks are received when nobody says otherwise: beside the mock's 4680. */
export const DEFAULT_RECEIVER_PORT = 4681;

/** Senders that may wait to be let in; the system may allow fewer (listen(2)). */
const BACKLOG = 4096;

/** What all requests to one receiver share. */
interface Desk {
  readonly options: ReceiverOptions;
  readonly readers: BodyReaders;
  readonly connections: ConnectionLimit;
  readonly deadline: AnswerDeadline;
  closing: boolean;
  /** Deliveries that are being judged or stored, and answers that are not out yet. */
  underWay: number;
  /** Called when the last of them is done. */
  idle?: () => void;
}

/**
 * Receives webhooks on `POST /webhooks/<provider>` and `/webhooks/<provider>/<account>`. Slow senders, large bodies and too many at once are refused; every
 * answer is JSON. Throws PORT_IN_USE, or USAGE for an address that cannot be listened on.
 */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { maxBody, room = 64 * 1024 * 1024, patienceMs = 5000, answerMs = 2500 } = options;
  const server = createServer({
    ...{ maxHeaderSize: 16 * 1024, headersTimeout: patienceMs, requestTimeout: 2 * patienceMs },
    ...{ keepAliveTimeout: 5000, connectionsCheckingInterval: Math.min(1000, patienceMs) },
    // Else the refusal of a request without Host has no body.
    requireHostHeader: false,
  });
  const connections = limitConnections(server, options.maxConnections ?? mostConnections());
  const readers = bodyReaders(maxBody, Math.max(room, 2 * maxBody));
  const desk: Desk = { options, readers, connections, deadline: answerDeadline(answerMs), closing: false, underWay: 0 };
  server.on('request', (incoming, outgoing) => takeRequest(desk, incoming, outgoing));
  server.on('checkContinue', (incoming, outgoing) => takeRequest(desk, incoming, outgoing));
  server.on('checkExpectation', (incoming, outgoing) =>
    answerUnread(incoming, outgoing, 417, { error: 'unknown-expectation' }),
  );
  refuseUnparsed(server, connections);
  await listen(server, options);
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const ended = (cause?: unknown) => {
    if (!desk.closing) reject(new LwiError('INTERNAL', 'The listener for webhooks has ended by itself.', { cause }));
  };
  server.on('error', ended);
  server.on('close', ended);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    failed,
    close: async () => {
      desk.closing = true;
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      // Who is still sending will send again; what has come whole is stored and answered.
      readers.hangUp();
      await new Promise<void>((resolve) => {
        desk.idle = resolve;
        if (desk.underWay === 0) resolve();
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function takeRequest(desk: Desk, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, httpVersion } = incoming;
  const target = originForm(incoming.url ?? '/');
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const place = webhookPlace(path);
  if (headers.host === undefined && httpVersion === '1.1') {
    return answerUnread(incoming, outgoing, 400, { error: 'malformed' });
  }
  if (place && method === 'POST') return readDelivery(desk, incoming, outgoing, place, target);
  const { socket } = incoming;
  desk.connections.begin(socket);
  outgoing.once('close', () => desk.connections.end(socket));
  incoming.resume();
  if (place) return answerJson(outgoing, 405, { error: 'method-not-allowed' }, ['allow', 'POST']);
  if (method !== 'GET' && method !== 'HEAD') return answerJson(outgoing, 404, { error: 'not-found' });
  void answerPage(desk, outgoing, path, headers.host ?? '');
}

async function answerPage(desk: Desk, outgoing: ServerResponse, path: string, host: string): Promise<void> {
  try {
    const page = await desk.options.page(path, host);
    if (!page) return answerJson(outgoing, 404, { error: 'not-found' });
    answerText(outgoing, page.status, page.type, page.body, PAGE_HEADERS);
  } catch {
    answerJson(outgoing, 500, { error: 'failed' });
  }
}

const PAGE_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];

function readDelivery(
  desk: Desk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  place: WebhookPlace,
  path: string,
): void {
  const { readers, options } = desk;
  if (desk.closing) return refuse(desk, incoming, outgoing, place, stopping());
  // Who asks first is not let send what is too large.
  if (incoming.headers.expect !== undefined && Number(incoming.headers['content-length'] ?? 0) <= options.maxBody) {
    outgoing.writeContinue();
  }
  readers.read(incoming, (body) => {
    if (body === 'too-large') {
      const words = `At most ${options.maxBody} bytes are taken.`;
      return refuse(desk, incoming, outgoing, place, refusal('too-large', 413, 'too-large', words));
    }
    if (body === 'no-room') {
      const words = 'Too much is coming at once.';
      return refuse(desk, incoming, outgoing, place, refusal('overloaded', 503, 'overloaded', words));
    }
    judge(desk, incoming, outgoing, place, path, body);
  });
}

function judge(
  desk: Desk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  place: WebhookPlace,
  path: string,
  body: Buffer,
): void {
  const { options, readers, connections, deadline } = desk;
  const { socket } = incoming;
  desk.underWay += 2;
  connections.begin(socket);
  outgoing.once('close', () => {
    connections.end(socket);
    oneLess(desk);
  });
  const answer = (told: DeliveryAnswer, error?: unknown) => {
    if (outgoing.headersSent) return;
    tell(desk, place, told, error);
    answerJson(outgoing, told.status, told.body, headersOf(told));
  };
  const inTime = deadline.start(() => {
    answer(refusal('overloaded', 503, 'too-slow', 'It could not be stored in time: send it again.'));
    oneLess(desk);
  });
  const done = () => {
    readers.release(body);
    if (inTime()) oneLess(desk);
  };
  const { rawHeaders } = incoming;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  const { provider, account } = place;
  const receivedAt = options.now();
  options.receive({ provider, account, path, method: 'POST', headers, body, receivedAt }).then(
    (told) => {
      done();
      answer(told);
    },
    (error) => {
      done();
      answer(refusal('failed', 503, 'not-stored', 'It could not be stored: send it again.'), error);
    },
  );
}

function oneLess(desk: Desk): void {
  desk.underWay -= 1;
  if (desk.underWay === 0) desk.idle?.();
}

function refuse(
  desk: Desk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  place: WebhookPlace,
  told: DeliveryAnswer,
): void {
  tell(desk, place, told);
  answerUnread(incoming, outgoing, told.status, told.body, headersOf(told));
}

function tell({ options }: Desk, { provider }: WebhookPlace, { outcome }: DeliveryAnswer, error?: unknown): void {
  options.told(outcome, outcome === 'unknown-provider' ? undefined : provider, error);
}

function headersOf({ headers }: DeliveryAnswer): string[] | undefined {
  return headers && Object.entries(headers).flat();
}

function stopping(): DeliveryAnswer {
  return refusal('overloaded', 503, 'stopping', 'This receiver is about to end.');
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
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', refused);
      resolve();
    });
  });
}
