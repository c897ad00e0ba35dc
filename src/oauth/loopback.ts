import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLwiError, LwiError } from '../errors.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import { PAGE_HEADERS, type Page, renderPage } from './pages.ts';
import { type ExpectedAnswer, type Refusal, refusalOf, targetOf } from './redirect-check.ts';

/** A redirect that arrived, held open until the person can be told what came of it. */
export interface Callback {
  readonly query: URLSearchParams;
  /** Shows the page to everybody who brought this redirect, and closes their connections. */
  respond(page: Page): Promise<void>;
}

export interface LoopbackListener {
  /** The redirect URI to register and send, with the port filled in. */
  readonly redirectUri: string;
  /** The first callback that carries the right `state` (and `iss`, where one is known). Rejects with the signal's reason. */
  callback(expected: ExpectedAnswer, signal: AbortSignal): Promise<Callback>;
  close(): Promise<void>;
}

/** Longest request line and headers, bytes (an Intuit code alone may have 512 characters), and how long they may take, ms. */
const LIMITS = { maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 5000 };

const UNEXPECTED: Refusal = { status: 404, text: 'Nothing is expected here now.' };

/**
 * Listens for the redirect on loopback addresses only (RFC 8252, 7.3 and 8.3). `localhost` in the redirect is bound on 127.0.0.1 and, where
 * there is one, on ::1. Port 0 or none takes any free port. Throws PORT_IN_USE.
 */
export async function listenForRedirect(redirect: URL, listenPort: number): Promise<LoopbackListener> {
  const waiting: { handler?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined } = {};
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    waiting.handler ? waiting.handler(request, response) : refuse(response, UNEXPECTED);
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
  // A browser leaves the usual port of http out.
  const hosts = new Set(names.map((name) => (port === 80 ? name : `${name}:${port}`)));

  return {
    redirectUri: uri.href,
    callback: (expected, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const outcome = Promise.withResolvers<Page>();
        const shown: Promise<void>[] = [];
        const stop = () => {
          reject(signal.reason);
          // The answer came another way, or none is wanted any more; one that is held here will still be told.
          if (shown.length === 0) waiting.handler = undefined;
        };
        signal.addEventListener('abort', stop, { once: true });
        waiting.handler = (request, response) => {
          const refusal = refusalOf(request, { path: uri.pathname, hosts, ...expected });
          if (refusal) return refuse(response, refusal);
          // A second one (a double click, a reload) is not taken, but it may be the tab that the person still sees.
          const again = shown.length > 0;
          shown.push(outcome.promise.then((page) => show(response, again ? 409 : 200, page)));
          if (again) return;
          resolve({
            query: targetOf(request)?.searchParams ?? new URLSearchParams(),
            respond: async (page) => {
              outcome.resolve(page);
              await Promise.all(shown);
            },
          });
        };
      }),
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

function refuse(response: ServerResponse, { status, text, next }: Refusal): void {
  // RFC 9110, 15.5.6: a 405 says what is allowed.
  const allow = status === 405 ? { allow: 'GET' } : {};
  response.writeHead(status, { ...PAGE_HEADERS, ...allow, connection: 'close' });
  response.end(renderPage({ title: 'Nothing was connected here', text, next }));
}

function show(response: ServerResponse, status: number, page: Page): Promise<void> {
  return new Promise((resolve) => {
    // The person may have closed the tab while the code was exchanged.
    if (response.closed || response.destroyed) return resolve();
    response.on('close', resolve);
    response.writeHead(status, { ...PAGE_HEADERS, connection: 'close' });
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
