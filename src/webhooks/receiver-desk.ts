import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerDeadline } from './answer-deadline.ts';
import type { ConnectionLimit } from './connection-limit.ts';
import { answerJson, answerText, answerUnread } from './http-answer.ts';
import type { ReceiverOptions } from './receiver.ts';
import type { BodyReaders } from './request-body.ts';
import { takeDelivery } from './take-delivery.ts';
import { originForm, type WebhookPlace, webhookPlace } from './webhook-path.ts';

/** What all requests to one receiver share. */
export interface Desk {
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

/** Answers one request of any kind. */
export function takeRequest(desk: Desk, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, httpVersion } = incoming;
  const target = originForm(incoming.url ?? '/');
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  const place = webhookPlace(path);
  if (headers.host === undefined && httpVersion === '1.1') {
    answerUnread(incoming, outgoing, 400, { error: 'malformed' });
  } else if (place && method === 'POST') {
    takeDelivery(desk, { incoming, outgoing, place, path: target });
  } else {
    answerOther(desk, incoming, outgoing, place, path);
  }
}

function answerOther(
  desk: Desk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  place: WebhookPlace | undefined,
  path: string,
): void {
  const { method, headers, socket } = incoming;
  desk.connections.begin(socket);
  outgoing.once('close', () => desk.connections.end(socket));
  incoming.resume();
  if (place) answerJson(outgoing, 405, { error: 'method-not-allowed' }, ['allow', 'POST']);
  else if (method === 'GET' || method === 'HEAD') void answerPage(desk, outgoing, path, headers.host ?? '');
  else answerJson(outgoing, 404, { error: 'not-found' });
}

async function answerPage(desk: Desk, outgoing: ServerResponse, path: string, host: string): Promise<void> {
  try {
    const page = await desk.options.page(path, host);
    if (page) answerText(outgoing, page.status, page.type, page.body, PAGE_HEADERS);
    else answerJson(outgoing, 404, { error: 'not-found' });
  } catch {
    answerJson(outgoing, 500, { error: 'failed' });
  }
}

const PAGE_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff'];
