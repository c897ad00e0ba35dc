import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LwiError } from '../errors.ts';
import { answerDeadline } from './answer-deadline.ts';
import { limitConnections } from './connection-limit.ts';
import type { Delivery, DeliveryAnswer, DeliveryOutcome, DeliveryTrouble } from './delivery.ts';
import { answerUnread } from './http-answer.ts';
import { mostConnections } from './most-connections.ts';
import { refuseUnparsed } from './parser-refusal.ts';
import { type Desk, takeRequest } from './receiver-desk.ts';
import { bodyReaders } from './request-body.ts';

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
  /** What is not judged and stored after this is refused, ms. Absent: 2.2 s; Slack and Intuit want an answer within 3. */
  readonly answerMs?: number;
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Whether there is such a provider, with a webhook that is taken here; what comes for another one is answered with 404 and not read. */
  knows(provider: string): boolean;
  /** Judges and stores a delivery. What it throws is answered with 503, so that the sender tries again. */
  receive(delivery: Delivery): Promise<DeliveryAnswer>;
  /** What else is served, by path without query; undefined: nothing is there. `host` is the Host header. */
  page(path: string, host: string): Promise<PageAnswer | undefined>;
  /** Told of each delivery once it is judged; `provider` only where there is such a one. Never of its content. */
  told(outcome: DeliveryOutcome, provider: string | undefined, why: DeliveryTrouble): void;
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

/**
 * What a receiver takes when nobody says otherwise: bytes of all bodies together and of the headers of one request, ms that headers may take (the whole request twice
 * as long), and ms within which a delivery is answered.
 */
export const RECEIVER_BOUNDS = {
  room: 64 * 1024 * 1024,
  headers: 16 * 1024,
  patienceMs: 5000,
  answerMs: 2200,
} as const;

/** Senders that may wait to be let in; the system may allow fewer (listen(2)). */
const BACKLOG = 4096;

/**
 * Receives webhooks on `POST /webhooks/<provider>` and `/webhooks/<provider>/<account>`. Slow senders, large bodies and too many at once are refused; every
 * answer is JSON. Throws PORT_IN_USE, or USAGE for an address that cannot be listened on.
 */
export async function openReceiver(options: ReceiverOptions): Promise<Receiver> {
  const {
    maxBody,
    room = RECEIVER_BOUNDS.room,
    patienceMs = RECEIVER_BOUNDS.patienceMs,
    answerMs = RECEIVER_BOUNDS.answerMs,
  } = options;
  const server = createServer({
    ...{ maxHeaderSize: RECEIVER_BOUNDS.headers, headersTimeout: patienceMs, requestTimeout: 2 * patienceMs },
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
