import type { IncomingMessage } from 'node:http';

/** What tells the awaited redirect from any other request. */
export interface ExpectedAnswer {
  readonly state: string;
  readonly issuer?: string | undefined;
  /** A redirect without `iss` is refused too (RFC 9207, 2.4). */
  readonly issuerInRedirect?: boolean | undefined;
}

/** Where the redirect arrives. */
export interface ExpectedPlace {
  readonly path: string;
  /** The `Host` headers, `name:port`, under which the listener answers. */
  readonly hosts: ReadonlySet<string>;
}

/** Why a request is not the awaited redirect, for the person who sees it. */
export interface Refusal {
  /** HTTP status, 4xx. */
  readonly status: number;
  readonly text: string;
  readonly next?: string;
}

const STALE: Refusal = {
  status: 400,
  text: 'This answer belongs to another attempt to connect, perhaps an earlier one. It was put aside.',
  next: 'Close this page and go on in the page that was opened last. If there is none, run `lwi connect` again.',
};

const refusal = (status: number, text: string): Refusal => ({ status, text });

/** The query of a request whose target is a path; undefined for any other (`//`, a whole URL), which no browser sends to us. */
export function targetOf(request: IncomingMessage): URL | undefined {
  const path = request.url ?? '';
  return /^\/(?!\/)/.test(path) ? (URL.parse(path, 'http://127.0.0.1') ?? undefined) : undefined;
}

/** Why a request is not the awaited redirect; undefined when it is. A wrong one never ends the wait. */
export function refusalOf(
  request: IncomingMessage,
  { path, hosts, state, issuer, issuerInRedirect }: ExpectedAnswer & ExpectedPlace,
): Refusal | undefined {
  // A page on another origin may make the browser ask us; its Host gives a rebound name away.
  if (!hosts.has(request.headers.host ?? '')) {
    return refusal(421, 'This listener answers only under its loopback address.');
  }
  const url = targetOf(request);
  if (url?.pathname !== path) return refusal(404, 'Nothing is expected at this address.');
  if (request.method !== 'GET') return refusal(405, 'The redirect is a GET request.');
  // A browser says what it asks for (Fetch Metadata): a redirect is gone to, not loaded by a script, an image or a frame.
  const destination = request.headers['sec-fetch-dest'] ?? 'document';
  if (destination !== 'document') return refusal(403, 'The redirect is a page of its own, not a part of another one.');
  const { searchParams } = url;
  if (searchParams.getAll('state').length !== 1 || searchParams.get('state') !== state) return STALE;
  // RFC 9207, 2.4: simple string comparison, also on error responses.
  const iss = searchParams.get('iss');
  const missing = iss === null && issuerInRedirect !== true;
  if (issuer && !missing && iss !== issuer) return refusal(400, 'The answer comes from another issuer.');
  if (!searchParams.has('code') && !searchParams.has('error')) {
    return refusal(400, 'Neither a code nor an error came back.');
  }
  return undefined;
}
