import type { OutgoingRequest } from './request-sender.ts';

/** What a request is known by where it is kept. */
export interface Kept {
  readonly provider: string;
  /** ms since the epoch. */
  readonly receivedAt: number;
}

/** A request as a fixture, which `readFixture` reads: an object for JSON. The body must be UTF-8. */
export function fixtureOf(request: OutgoingRequest, { provider, receivedAt }: Kept): Record<string, unknown> {
  const { pathname, search } = new URL(request.url);
  return {
    provider,
    method: request.method,
    path: `${pathname}${search}`,
    receivedAt: new Date(receivedAt).toISOString(),
    headers: Object.fromEntries(request.headers),
    body: Buffer.from(request.body).toString('utf8'),
  };
}

/** A request as it would go over the wire (RFC 9112), which `readRawRequest` reads. */
export function rawRequestOf(request: OutgoingRequest): Buffer {
  const { host, pathname, search } = new URL(request.url);
  const lines = [
    `${request.method} ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${request.body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), request.body]);
}
