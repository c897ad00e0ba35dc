import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Clock, deadlineSignal } from '../clock.ts';
import { outgoingHeaders } from './outgoing-headers.ts';
import { isUnsendable, sendFailure, sendTimeout } from './send-failure.ts';

/** A webhook on its way out. */
export interface OutgoingRequest {
  /** http or https; user and password in it are not sent. */
  readonly url: string;
  readonly method: string;
  /** As they are to arrive: spelling, order and repeats stay. Those of the hop are replaced (`outgoingHeaders`). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Goes byte for byte. */
  readonly body: Uint8Array;
}

/** What came of sending: a status, or the reason why there is none. */
export interface SendEnd {
  /** Also of an answer whose body breaks off or never ends: the target has spoken. */
  readonly status?: number;
  /** Until the end of the answer, ms. */
  readonly tookMs: number;
  /** Why there is no status, for people: `connection refused`, `timeout after 10s`. */
  readonly error?: string;
  /** The request itself is at fault: not a byte of it was sent, and a repeat changes nothing. */
  readonly unsendable?: true;
  /** What the answer's Retry-After asks for, ms. */
  readonly retryAfterMs?: number;
}

export interface RequestSender {
  /** Never throws for trouble of the network or of the request; rejects with the signal's reason when that aborts before an answer has begun. */
  send(request: OutgoingRequest, signal: AbortSignal): Promise<SendEnd>;
  /** Closes every connection, also those in use. */
  close(): void;
}

export interface SenderOptions {
  readonly clock: Clock;
  /** For one request as a whole, the wait for a free connection included, ms. */
  readonly timeoutMs: number;
  /** Connections to one host; more requests wait for one of them. */
  readonly maxSockets: number;
  /** Reads a Retry-After: `retryAfterMs` of src/http, which nothing here may import. Absent: it is not looked at. */
  readonly retryAfterMs?: (headers: Readonly<Record<string, string>>, now: number) => number | undefined;
}

/** Of the answer's body so much is read, so that the connection can be used again, bytes; beyond it the connection is closed. */
const LARGEST_ANSWER = 64 * 1024;

type Answer = { readonly status: number; readonly retryAfter?: string | undefined; readonly date?: string | undefined };
/** `unanswered`: a connection that had been used before was closed, and no byte of an answer came. */
type Failure = { readonly error: unknown; readonly unanswered: boolean };

/**
 * Sends webhooks to where they are to go: connections are kept, redirects are not followed, and neither proxies nor the environment have a say. A kept
 * connection that the target closed just when it was used again is no failure of the target: the request goes once more, on a new one.
 */
export function requestSender({ clock, timeoutMs, maxSockets, retryAfterMs }: SenderOptions): RequestSender {
  const kept = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };

  async function attempt(request: OutgoingRequest, signal: AbortSignal): Promise<Answer | Failure> {
    const first = await exchange(request, agents, signal);
    if ('status' in first || !first.unanswered || signal.aborted) return first;
    return exchange(request, { http: new HttpAgent(), https: new HttpsAgent() }, signal);
  }

  return {
    async send(request, signal) {
      signal.throwIfAborted();
      const startedAt = clock.now();
      const deadline = deadlineSignal(timeoutMs, signal);
      const end = await attempt(request, deadline.signal).finally(deadline.done);
      const now = clock.now();
      const tookMs = Math.max(0, now - startedAt);
      if (!('status' in end)) {
        signal.throwIfAborted();
        const error = deadline.signal.aborted ? sendTimeout(timeoutMs) : sendFailure(end.error, hostOf(request.url));
        return { tookMs, error, ...(isUnsendable(end.error) ? { unsendable: true } : {}) };
      }
      const { status, retryAfter = '', date = '' } = end;
      const wait = retryAfterMs?.({ 'retry-after': retryAfter, date }, now);
      return { status, tookMs, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function exchange(
  request: OutgoingRequest,
  agents: { readonly http: HttpAgent; readonly https: HttpsAgent },
  signal: AbortSignal,
): Promise<Answer | Failure> {
  return new Promise((resolve) => {
    try {
      const url = new URL(request.url);
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? httpsRequest : httpRequest)(url, {
        agent: secure ? agents.https : agents.http,
        path: pathOf(request.url, url),
        method: request.method,
        headers: outgoingHeaders(request.headers, url.host, request.method, request.body),
        signal,
      } satisfies RequestOptions);
      let readBefore = 0;
      let head: Answer | undefined;
      outgoing.on('socket', (socket) => {
        readBefore = socket.bytesRead;
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        const silent = (outgoing.socket?.bytesRead ?? 0) === readBefore;
        resolve(head ?? { error, unanswered: outgoing.reusedSocket && closed && silent });
      });
      outgoing.on('response', (answer) => {
        const spoken = headOf(answer);
        head = spoken;
        drop(answer);
        answer.on('close', () => resolve(spoken));
      });
      // An answer that would go on in another protocol ends with its head: nothing here speaks one.
      for (const other of ['upgrade', 'connect'] as const) {
        outgoing.on(other, (answer, socket) => {
          socket.on('error', () => {});
          socket.destroy();
          resolve(headOf(answer));
        });
      }
      // Whatever else node makes of an exchange, it is over now.
      outgoing.on('close', () => resolve(head ?? { error: CLOSED, unanswered: false }));
      outgoing.end(request.body);
    } catch (error) {
      // An address that is none, or what node refuses to write.
      resolve({ error, unanswered: false });
    }
  });
}

const CLOSED = Object.assign(new Error('closed'), { code: 'ECONNRESET' });

function headOf({ statusCode: status = 0, headers }: IncomingMessage): Answer {
  return { status, retryAfter: headers['retry-after'], date: headers.date };
}

/** Reads what is left of an answer, for the connection's sake; trouble meanwhile changes nothing in what its head said. */
function drop(answer: IncomingMessage): void {
  let size = 0;
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LARGEST_ANSWER) answer.destroy();
  });
  answer.on('error', () => {});
}

/** The path as it is written: a URL object would straighten out what a signature may cover. */
function pathOf(text: string, url: URL): string {
  const [, written = ''] = /^https?:\/\/[^/?#\\]*([^#]*)/i.exec(text) ?? [];
  if (!/^[\x21-\x7e]*$/.test(written)) return `${url.pathname}${url.search}`;
  return written.startsWith('/') ? written : `/${written}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
