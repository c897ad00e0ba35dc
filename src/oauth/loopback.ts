import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLwiError, LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import { PAGE_HEADERS, type Page, renderPage } from './pages.ts';

/** A redirect that arrived, held open until the person can be told what came of it. */
export interface Callback {
  readonly query: URLSearchParams;
  /** Shows the page and closes the connection. */
  respond(page: Page): Promise<void>;
}

export interface LoopbackListener {
  /** The redirect URI to register and send, with the port filled in. */
  readonly redirectUri: string;
  /** The first callback that carries the right `state` (and `iss`, where one is known). Rejects with the signal's reason. */
  callback(expected: ExpectedAnswer, signal: AbortSignal): Promise<Callback>;
  close(): Promise<void>;
}

/** What tells the awaited redirect from any other request. */
export interface ExpectedAnswer {
  readonly state: string;
  readonly issuer?: string | undefined;
  /** A redirect without `iss` is refused too (RFC 9207, 2.4). */
  readonly issuerInRedirect?: boolean | undefined;
}

/** Longest request line and headers, bytes (an Intuit code alone may have 512 characters), and how long they may take, ms. */
const LIMITS = { maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 5000 };

/**
 * Listens for the redirect on loopback addresses only (RFC 8252, 7.3 and 8.3). `localhost` in the redirect is bound on 127.0.0.1 and, where
 * there is one, on ::1. Port 0 or none takes any free port. Throws PORT_IN_USE.
 */
export async function listenForRedirect(redirect: URL, listenPort: number): Promise<LoopbackListener> {
  const waiting: { handler?: (request: IncomingMessage, response: ServerResponse) => void } = {};
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    waiting.handler ? waiting.handler(request, response) : refuse(response, 404, 'Nothing is expected here.');
  const local = isLoopbackHost(redirect.hostname);
  const literal = local && redirect.hostname !== 'localhost' ? redirect.hostname.replace(/^\[|\]$/g, '') : undefined;
  const first = await bind(answer, literal ?? '127.0.0.1', listenPort);
  const port = (first.address() as AddressInfo).port;
  const servers = [first];
  if (redirect.hostname === 'localhost') {
    // No IPv6 is no harm; where another program has the port there, the browser might go to that one.
    const second = await bind(answer, '::1', port).catch(async (error: unknown) => {
      if (!isLwiError(error, 'PORT_IN_USE')) return undefined;
      await close(first);
      throw error;
    });
    if (second) servers.push(second);
  }
  const uri = new URL(redirect);
  if (local) uri.port = String(port);
  const names = ['localhost', '127.0.0.1', '[::1]', ...(local ? [uri.hostname] : [])];
  const hosts = new Set(names.map((name) => `${name}:${port}`));

  return {
    redirectUri: uri.href,
    callback: (expected, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        let taken = false;
        waiting.handler = (request, response) => {
          const refusal = check(request, { path: uri.pathname, hosts, ...expected });
          if (refusal) return refuse(response, ...refusal);
          if (taken) return refuse(response, 409, 'This redirect has been used already.');
          taken = true;
          resolve({
            query: target(request)?.searchParams ?? new URLSearchParams(),
            respond: (page) => show(response, page),
          });
        };
      }),
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

/** The target of a request as a URL; undefined for one that is no path (`//`, a whole URL), which no browser sends to us. */
function target(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '';
  return /^\/(?!\/)/.test(path) ? (URL.parse(path, 'http://127.0.0.1') ?? undefined) : undefined;
}

/** Why a request is not the awaited redirect; undefined when it is. A wrong one never ends the wait. */
function check(
  request: IncomingMessage,
  expected: ExpectedAnswer & { path: string; hosts: ReadonlySet<string> },
): [status: number, why: string] | undefined {
  // A page on another origin may make the browser ask us; its Host gives a rebound name away.
  if (!expected.hosts.has(request.headers.host ?? ''))
    return [421, 'This listener answers only under its loopback address.'];
  const url = target(request);
  if (url?.pathname !== expected.path) return [404, 'Nothing is expected here.'];
  if (request.method !== 'GET') return [405, 'The redirect is a GET request.'];
  const { searchParams } = url;
  if (searchParams.getAll('state').length !== 1 || searchParams.get('state') !== expected.state) {
    return [400, 'The state does not belong to the authorization that is under way.'];
  }
  // RFC 9207, 2.4: simple string comparison, also on error responses.
  const iss = searchParams.get('iss');
  const missing = iss === null && expected.issuerInRedirect !== true;
  if (expected.issuer && !missing && iss !== expected.issuer) return [400, 'The answer comes from another issuer.'];
  if (!searchParams.has('code') && !searchParams.has('error')) return [400, 'Neither a code nor an error came back.'];
  return undefined;
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, connection: 'close' });
  response.end(renderPage({ good: false, title: 'Not the awaited redirect', text: why }));
}

function show(response: ServerResponse, page: Page): Promise<void> {
  return new Promise((resolve) => {
    // The person may have closed the tab while the code was exchanged.
    if (response.closed || response.destroyed) return resolve();
    response.on('close', resolve);
    response.writeHead(200, { ...PAGE_HEADERS, connection: 'close' });
    response.end(renderPage(page));
  });
}

function bind(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  host: string,
  port: number,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(LIMITS, handler);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' || error.code === 'EACCES' ? 'PORT_IN_USE' : 'USAGE';
      reject(new LwiError(code, `Port ${port} on ${host} cannot be used (${error.code}).`, { cause: error }));
    });
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
