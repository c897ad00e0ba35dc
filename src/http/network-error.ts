import { type ErrorCode, type ErrorFacts, LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import { formatSpan } from '../span.ts';
import { tlsHint } from '../tls-trouble.ts';
import type { Call, HttpRequest } from './http.ts';
import { rowOfStatus } from './taxonomy.ts';
import type { Timeouts } from './timeouts.ts';

/** Errors of a connection that never came up: the request was not sent. */
const UNSENT = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT']);

/** Answers of the resolver (getaddrinfo(3), c-ares). */
const DNS = /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_[A-Z]+)$/;

/** undici's own timeouts, by their code. */
const TIMED_OUT: Readonly<Record<string, keyof Timeouts>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connectMs',
  UND_ERR_HEADERS_TIMEOUT: 'headersMs',
  UND_ERR_BODY_TIMEOUT: 'bodyMs',
};

const WAITED_FOR: Readonly<Record<keyof Timeouts, (host: string, span: string) => string>> = {
  connectMs: (host, span) => `No connection to ${host} within ${span}`,
  headersMs: (host, span) => `${host} did not begin to answer within ${span}`,
  bodyMs: (host, span) => `${host} stopped in the middle of its answer for ${span}`,
  attemptMs: (host, span) => `${host} did not end its answer within ${span}`,
  callMs: (host) => `${host} did not answer before the time for the whole call was over`,
};

/** No command line names the address of a provider. */
const WHERE_FROM =
  'Name another port where the address comes from: LWI_MOCK_URL for --env mock, else `endpoints` or `providers` in the config.';

/** What was under way when it failed. */
export interface Attempt {
  readonly request: HttpRequest;
  readonly call: Call;
  readonly timeouts: Timeouts;
  /** What bounds the attempt as a whole: the setting of that name, or nothing that can be set (OAuth). */
  readonly bound: 'attemptMs' | 'callMs' | 'fixed';
  /** That bound, ms. */
  readonly boundMs: number;
}

/** An attempt that got no answer, as an error that says what happened and whether anything was sent. `error` is what undici's fetch threw. */
export function networkError(error: unknown, attempt: Attempt): LwiError {
  const { request, call } = attempt;
  const { code, source } = rootOf(error);
  const { host } = new URL(request.url);
  const who = { provider: call.provider, account: call.connection?.account };
  const failed = (kind: ErrorCode, message: string, facts: ErrorFacts = {}) =>
    new LwiError(kind, message, { ...who, cause: error, ...facts });

  if (TIMED_OUT[code] || code === 'ETIMEDOUT' || nameOf(error) === 'TimeoutError')
    return timedOut(code, attempt, failed);
  if (DNS.test(code)) {
    const name = typeof source?.hostname === 'string' ? source.hostname : new URL(request.url).hostname;
    return failed('DNS', `The name ${name} cannot be resolved (${code}).`, { unsent: true });
  }
  const tls = tlsHint(code);
  if (tls) return failed('TLS', `No safe connection to ${host} (${code}).`, tls);
  const proxy = /^Proxy response \((\d{3})\)/.exec(source?.message ?? '')?.[1];
  if (proxy) return proxyRefused(proxy, host, failed);
  if (code === '' && source?.message === '') return proxyWantsLogin(host, failed);
  if (code === '' && error instanceof TypeError && (!source || source.message === 'bad port')) {
    // fetch refuses to send it and quotes the value, which may be a token: neither message nor cause may hold it.
    const what = source ? 'its port is one that HTTP never uses' : 'its method or a header is not valid HTTP';
    const facts = { ...who, unsent: true, hint: source && WHERE_FROM };
    return new LwiError('USAGE', `The request to ${host} cannot be sent: ${what}.`, facts);
  }
  return unreachable(code, source, new URL(request.url), failed);
}

type Failed = (kind: ErrorCode, message: string, facts?: ErrorFacts) => LwiError;

function timedOut(code: string, { request, timeouts, bound, boundMs }: Attempt, failed: Failed): LwiError {
  const { host } = new URL(request.url);
  if (code === 'ETIMEDOUT') return failed('TIMEOUT', `No answer from ${host} (ETIMEDOUT).`);
  const which = TIMED_OUT[code] ?? (bound === 'fixed' ? 'attemptMs' : bound);
  const ms = TIMED_OUT[code] ? timeouts[which] : boundMs;
  const setting = bound === 'fixed' && !TIMED_OUT[code] ? '' : ` (\`timeouts.${which}\` in the config)`;
  const message = `${WAITED_FOR[which](host, formatSpan(ms))}${setting}.`;
  return failed('TIMEOUT', message, { unsent: UNSENT.has(code) });
}

/** The Fetch standard (HTTP-network-or-cache fetch, 15) keeps the answer 407 to itself: undici throws an error without a word, for nothing else. */
function proxyWantsLogin(host: string, failed: Failed): LwiError {
  const { hint, retryable, unsent } = rowOfStatus(407) ?? {};
  const message = `What answers for ${host} is a proxy that wants credentials (407).`;
  return failed('NETWORK', message, { statusCode: 407, hint, retryable, unsent });
}

function proxyRefused(status: string, host: string, failed: Failed): LwiError {
  const hint = status === '407' ? rowOfStatus(407)?.hint : undefined;
  const facts = { unsent: true, retryable: status.startsWith('5'), hint };
  return failed('NETWORK', `The proxy answered ${status} and did not connect to ${host}.`, facts);
}

function unreachable(
  code: string,
  source: Source | undefined,
  { host, hostname, port, protocol }: URL,
  failed: Failed,
): LwiError {
  const target = Number(port) || (protocol === 'https:' ? 443 : 80);
  // A proxy stands at another port than the provider.
  const elsewhere = source?.port && source.port !== target ? ` at ${source.address}:${source.port}` : '';
  // Nothing listens at a loopback address: that does not pass by itself.
  const absent = code === 'ECONNREFUSED' && !elsewhere && isLoopbackHost(hostname);
  const hint = `Start what should listen at ${host} (\`lwi mock\` for --env mock).`;
  return failed('NETWORK', `No answer from ${host} (${code || (source?.message ?? 'unknown trouble')}${elsewhere}).`, {
    unsent: UNSENT.has(code),
    ...(absent ? { retryable: false, hint } : {}),
  });
}

/** What Node puts on system errors. */
type Source = Error & {
  readonly code?: unknown;
  readonly hostname?: unknown;
  readonly address?: string;
  readonly port?: number;
};

/** The system's, OpenSSL's or undici's code, which fetch hides behind one or two causes, and the error that has it. */
function rootOf(error: unknown): { code: string; source: Source | undefined } {
  let last: Source | undefined;
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof AggregateError && e.errors[0]) return rootOf(e.errors[0]);
    if (e !== error) last = e;
    if ('code' in e && typeof e.code === 'string') return { code: e.code, source: e };
  }
  return { code: '', source: last };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
