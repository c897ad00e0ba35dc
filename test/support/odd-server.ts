import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { systemClock } from '../../src/clock.ts';
import { listening } from './listening.ts';

/** A request that the server got, with its body read. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request: with status and JSON (or text), with `cut` (the connection is broken off), or with `hang` (never). */
export type Answer =
  | 'cut'
  | 'hang'
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly html?: string;
      readonly headers?: Record<string, string>;
      /** How late the answer is, ms. */
      readonly afterMs?: number;
    };

/** A server on a free loopback port for one test: `received` holds all requests, oldest first. */
export async function oddServer(answer: (request: Received) => Answer): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const body = Buffer.concat(chunks).toString('utf8');
    const request = {
      method: incoming.method ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body,
    };
    received.push(request);
    const given = answer(request);
    if (given === 'hang') return;
    if (given === 'cut') return void incoming.socket.destroy();
    const { status = 200, json, html, headers = {}, afterMs = 0 } = given;
    await systemClock.sleep(afterMs);
    outgoing.writeHead(status, { 'content-type': html === undefined ? 'application/json' : 'text/html', ...headers });
    outgoing.end(html ?? JSON.stringify(json ?? {}));
  };
  return { url: await listening(server), received };
}
