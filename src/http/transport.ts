import { type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { deadlineSignal, systemClock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import type { Call, HttpRequest, Send } from './http.ts';

export interface Timeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
  /** One attempt as a whole. */
  readonly attemptMs: number;
}

/** QuickBooks lets a request run for 120 s (its limits page); nobody else needs more. */
export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, headersMs: 120_000, bodyMs: 60_000, attemptMs: 150_000 };

/** OAuth endpoints answer at once or not at all; a person waits for them, ms. */
const OAUTH_ATTEMPT_MS = 30_000;

/** Largest answer that is read, bytes, as sent and as decompressed; beyond it the provider (or whoever answers in its place) is not believed. */
const LARGEST_BODY = 64 * 1024 * 1024;

/** Errors of a connection that never came up: the request was not sent. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

export interface TransportOptions {
  readonly timeouts?: Timeouts;
  readonly userAgent: string;
  /** Largest answer, bytes. */
  readonly largestBody?: number;
  /** The clock of the calls' deadlines, ms since the epoch. */
  readonly now?: () => number;
}

/**
 * The wire: undici's fetch on an agent of its own, which obeys HTTP(S)_PROXY and NO_PROXY. Redirects are not followed, because a
 * token must not travel to where a redirect points. Throws NETWORK, TIMEOUT or BAD_RESPONSE; a stop by `call.signal` is rethrown.
 */
export function transport(deps: TransportOptions): { send: Send; close(): Promise<void> } {
  const { timeouts = DEFAULT_TIMEOUTS, userAgent, largestBody = LARGEST_BODY, now = systemClock.now } = deps;
  const agent: Dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: timeouts.connectMs },
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    maxResponseSize: largestBody,
  });
  const send: Send = async (request, call) => {
    const attemptMs = call.raw ? Math.min(timeouts.attemptMs, OAUTH_ATTEMPT_MS) : timeouts.attemptMs;
    const left = call.deadline === undefined ? attemptMs : Math.max(1, call.deadline - now());
    const { signal, done } = deadlineSignal(Math.min(attemptMs, left), call.signal);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { 'user-agent': userAgent, ...request.headers },
        body: request.body ?? null,
        redirect: 'manual',
        signal,
        dispatcher: agent,
      });
      const body = await readBody(response, largestBody);
      const { status, statusText: reason, headers } = response;
      return { status, ...(reason === '' ? {} : { reason }), headers: Object.fromEntries(headers), body };
    } catch (error) {
      call.signal.throwIfAborted();
      throw toNetworkError(error, request, call);
    } finally {
      done();
    }
  };
  // Not close(): whatever is still under way when a command ends has been given up.
  return { send, close: () => agent.destroy() };
}

function toNetworkError(error: unknown, request: HttpRequest, call: Call): LwiError {
  const about = { provider: call.provider, account: call.connection?.account, cause: error };
  const host = new URL(request.url).host;
  const code = codeOf(error);
  if (TIMED_OUT.has(code) || (error instanceof Error && error.name === 'TimeoutError')) {
    return new LwiError('TIMEOUT', `${host} did not answer in time.`, { ...about, unsent: UNSENT.has(code) });
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || error === TOO_LARGE) {
    return new LwiError('BAD_RESPONSE', `${host} answered with more than can be taken in.`, about);
  }
  if (code === '' && error instanceof TypeError && error.cause === undefined) {
    // fetch refuses to send it and quotes the value, which may be a token: neither message nor cause may hold it.
    const message = `The request to ${host} cannot be sent: its method or a header is not valid HTTP.`;
    return new LwiError('USAGE', message, { provider: call.provider, account: call.connection?.account, unsent: true });
  }
  const why =
    code || (error instanceof Error && error.cause instanceof Error ? error.cause.message : 'unknown trouble');
  // Nothing listens at a loopback address: that does not pass by itself.
  const absent = code === 'ECONNREFUSED' && isLoopbackHost(new URL(request.url).hostname);
  return new LwiError('NETWORK', `No answer from ${host} (${why}).`, {
    ...about,
    unsent: UNSENT.has(code),
    ...(absent ? { retryable: false, hint: `Start what should listen at ${host} (\`lwi mock\` for --env mock).` } : {}),
  });
}

/** Thrown inside only. */
const TOO_LARGE = new Error('too large');

/** The body as it is after decompression, which the limit on the wire does not see. */
async function readBody(response: Response, largest: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largest) throw TOO_LARGE;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The system's or undici's code, which fetch hides behind one or two causes. */
function codeOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code;
    if (e instanceof AggregateError && e.errors[0]) return codeOf(e.errors[0]);
  }
  return '';
}
