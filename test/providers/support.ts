import type { HttpResponse } from '../../src/http/http.ts';
import type { Page, PageRequest, Stream, SyncWindow } from '../../src/providers/stream.ts';

/** Monday 5 January 2026, 10:00 UTC, ms. */
export const NOW = Date.UTC(2026, 0, 5, 10);
export const DAY_MS = 86_400_000;

/** An answer with this body; objects become JSON. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: new TextEncoder().encode(text) };
}

/** The stream of that name. */
export function streamNamed(streams: readonly Stream[], name: string): Stream {
  const stream = streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`no stream ${name}`);
  return stream;
}

/** Window from `since` on, for the tenant `9130000000000001`. */
export function windowFrom(since?: number): SyncWindow {
  return { now: NOW, externalId: '9130000000000001', ...(since === undefined ? {} : { since }) };
}

/** One page, read by the stream. */
export function read(
  stream: Stream,
  request: PageRequest,
  window: SyncWindow,
  body: unknown,
  headers: Record<string, string> = {},
): Page {
  return stream.parse({ request, window, body, headers, until: NOW });
}

/**
 * Pulls a whole window: `serve` answers each request, which goes through JSON on the way, as the store would send it. Fails
 * after 50 pages, so that a circle is a failed test and not a hang.
 */
export function pull(
  stream: Stream,
  window: SyncWindow,
  serve: (request: PageRequest) => { body: unknown; headers?: Record<string, string> },
): { requests: PageRequest[]; pages: Page[]; ids: string[] } {
  const requests: PageRequest[] = [];
  const pages: Page[] = [];
  let request: PageRequest | undefined = stream.start(window).request;
  while (request) {
    if (requests.length === 50) throw new Error('the pages do not end');
    requests.push(request);
    const { body, headers } = serve(request);
    const page = read(stream, request, window, body, headers);
    pages.push(page);
    request = page.next && (JSON.parse(JSON.stringify(page.next)) as PageRequest);
  }
  return { requests, pages, ids: pages.flatMap((page) => page.records.map((record) => record.id)) };
}
