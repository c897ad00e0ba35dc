import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { deadlineSignal, systemClock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import type { Call, Send } from './http.ts';
import { type Attempt, networkError } from './network-error.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';

/** OAuth endpoints answer at once or not at all; a person waits for them, ms. */
export const OAUTH_ATTEMPT_MS = 30_000;

/** Largest answer that is read, bytes, as sent and as decompressed; beyond it the provider (or whoever answers in its place) is not believed. */
export const LARGEST_BODY = 64 * 1024 * 1024;

export interface TransportOptions {
  /** What holds for the calls of a provider, by its id. */
  readonly timeouts?: (provider: string) => Timeouts;
  readonly userAgent: string;
  /** Largest answer, bytes. */
  readonly largestBody?: number;
  /** The clock of the calls' deadlines, ms since the epoch. */
  readonly now?: () => number;
}

/**
 * The wire: undici's fetch on agents of its own, which obey HTTP(S)_PROXY and NO_PROXY, except for loopback: to a proxy that is another
 * machine. Redirects are not followed, because a token must not travel to where a redirect points. Throws NETWORK, DNS, TLS, TIMEOUT or BAD_RESPONSE; a stop by `call.signal` is rethrown.
 */
export function transport(deps: TransportOptions): { send: Send; close(): Promise<void> } {
  const { timeouts: timeoutsFor = () => DEFAULT_TIMEOUTS, userAgent, largestBody = LARGEST_BODY } = deps;
  const { now = systemClock.now } = deps;
  // An agent has one set of timeouts; as a rule all providers share it.
  const agents = new Map<string, Dispatcher>();
  const agentFor = (url: string, { connectMs, headersMs, bodyMs }: Timeouts): Dispatcher => {
    const direct = isLoopbackHost(new URL(url).hostname);
    const key = [direct, connectMs, headersMs, bodyMs].join();
    const known = agents.get(key);
    if (known) return known;
    const agent = new (direct ? Agent : EnvHttpProxyAgent)({
      connect: { timeout: connectMs },
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
      maxResponseSize: largestBody,
    });
    agents.set(key, agent);
    return agent;
  };
  const send: Send = async (request, call) => {
    const timeouts = timeoutsFor(call.provider);
    const attempt: Attempt = { request, call, timeouts, ...boundOf(call, timeouts, now()) };
    const { signal, done } = deadlineSignal(attempt.boundMs, call.signal);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: { 'user-agent': userAgent, ...request.headers },
        body: request.body ?? null,
        redirect: 'manual',
        signal,
        dispatcher: agentFor(request.url, timeouts),
      });
      const body = await readBody(response, largestBody);
      const { status, statusText: reason, headers } = response;
      return { status, ...(reason === '' ? {} : { reason }), headers: Object.fromEntries(headers), body };
    } catch (error) {
      call.signal.throwIfAborted();
      throw isTooLarge(error) ? tooLarge(attempt, error) : networkError(error, attempt);
    } finally {
      done();
    }
  };
  // Not close(): whatever is still under way when a command ends has been given up.
  const close = async () => {
    await Promise.all([...agents.values()].map((agent) => agent.destroy()));
  };
  return { send, close };
}

/** What ends the attempt as a whole, and in how many ms. */
function boundOf(call: Call, { attemptMs }: Timeouts, now: number): Pick<Attempt, 'bound' | 'boundMs'> {
  const left = call.deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(1, call.deadline - now);
  const fixed = call.raw && OAUTH_ATTEMPT_MS < attemptMs;
  const own = fixed ? OAUTH_ATTEMPT_MS : attemptMs;
  return left < own ? { bound: 'callMs', boundMs: left } : { bound: fixed ? 'fixed' : 'attemptMs', boundMs: own };
}

/** Thrown inside only. */
const TOO_LARGE = new Error('too large');

function isTooLarge(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e === TOO_LARGE || ('code' in e && e.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')) return true;
  }
  return false;
}

/** A repeat would be as large. */
function tooLarge({ request, call }: Attempt, cause: unknown): LwiError {
  return new LwiError('BAD_RESPONSE', `${new URL(request.url).host} answered with more than can be taken in.`, {
    ...{ provider: call.provider, account: call.connection?.account, cause },
    ...{ retryable: false, hint: 'Ask for less at once: a smaller page, a shorter window.' },
  });
}

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
