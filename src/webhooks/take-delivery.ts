import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DeliveryAnswer, refusal, UNKNOWN_PROVIDER } from './delivery.ts';
import { answerJson, answerUnread } from './http-answer.ts';
import type { Desk } from './receiver-desk.ts';
import type { WebhookPlace } from './webhook-path.ts';

/** A request to a webhook path and what is to be said to it. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly place: WebhookPlace;
  /** With its query. */
  readonly path: string;
}

/** Reads a delivery, lets it be judged, and answers it. */
export function takeDelivery(desk: Desk, exchange: Exchange): void {
  const { incoming, outgoing } = exchange;
  const { readers, options } = desk;
  // First of all: nobody who is not known yet may make names for metrics and lines, whatever else is wrong.
  if (!options.knows(exchange.place.provider)) {
    refuse(desk, exchange, UNKNOWN_PROVIDER);
    return;
  }
  if (desk.closing) {
    refuse(desk, exchange, refusal('overloaded', 503, 'stopping', 'This receiver is about to end.'));
    return;
  }
  // Who asks first is not let send what is too large.
  if (incoming.headers.expect !== undefined && Number(incoming.headers['content-length'] ?? 0) <= options.maxBody) {
    outgoing.writeContinue();
  }
  readers.read(incoming, (body) => {
    if (body === 'too-large') {
      refuse(desk, exchange, refusal('too-large', 413, 'too-large', `At most ${options.maxBody} bytes are taken.`));
    } else if (body === 'no-room') {
      refuse(desk, exchange, refusal('overloaded', 503, 'overloaded', 'Too much is coming at once.'));
    } else {
      judge(desk, exchange, body);
    }
  });
}

function judge(desk: Desk, { incoming, outgoing, place, path }: Exchange, body: Buffer): void {
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
  const { provider, account } = place;
  const headers = headerPairs(incoming.rawHeaders);
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

function headerPairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}

function oneLess(desk: Desk): void {
  desk.underWay -= 1;
  if (desk.underWay === 0) desk.idle?.();
}

function refuse(desk: Desk, { incoming, outgoing, place }: Exchange, told: DeliveryAnswer): void {
  tell(desk, place, told);
  answerUnread(incoming, outgoing, told.status, told.body, headersOf(told));
}

function tell({ options }: Desk, { provider }: WebhookPlace, answer: DeliveryAnswer, error?: unknown): void {
  const { outcome, reason } = answer;
  options.told(outcome, outcome === 'unknown-provider' ? undefined : provider, { error, reason });
}

function headersOf({ headers }: DeliveryAnswer): string[] | undefined {
  return headers && Object.entries(headers).flat();
}
