import { isUtf8 } from 'node:buffer';
import { formatSpan } from '../../src/span.ts';
import type { InboxEvent } from '../../src/store/inbox.ts';
import type { ForwardAttempt, ListedEvent } from '../../src/store/inbox-reading.ts';
import { renderPairs, renderTable } from '../../src/table.ts';
import type { Terminal } from '../../src/terminal.ts';
import { collectHeaders } from '../../src/webhooks/collect-headers.ts';
import { attemptDocument, listedEvent } from './event-document.ts';
import { iso, when } from './when.ts';

/** Everything about an event for JSON. */
export function eventDocument(listed: ListedEvent, event: InboxEvent, attempts: readonly ForwardAttempt[]) {
  const { method, path, headers, body } = event;
  return {
    ...listedEvent(listed),
    method,
    path,
    headers,
    ...bodyMembers(body),
    attempts: attempts.map(attemptDocument),
  };
}

/** A request with what a fixture says of it; an event of the inbox is one. */
type KeptRequest = Pick<InboxEvent, 'provider' | 'method' | 'path' | 'headers' | 'body' | 'receivedAt'>;

/** A fixture as `readFixture` takes it. */
export function eventFixture({ provider, method, path, headers, body, receivedAt }: KeptRequest) {
  return {
    ...{ provider, method, path, headers: collectHeaders(headers) },
    ...{ ...bodyMembers(body), receivedAt: iso(receivedAt) },
  };
}

function bodyMembers(body: Uint8Array): { body: string } | { bodyBase64: string } {
  const bytes = Buffer.from(body);
  return isUtf8(bytes) ? { body: bytes.toString('utf8') } : { bodyBase64: bytes.toString('base64') };
}

/** The request as HTTP/1.1, as `readRawRequest` takes it; the framing is made anew, since the body is kept without its own. */
export function rawRequest({ method, path, headers, body }: KeptRequest): Uint8Array {
  const lines = headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
  const head = [
    `${method} ${path} HTTP/1.1`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

interface Shown {
  readonly listed: ListedEvent;
  readonly event: InboxEvent;
  readonly attempts: readonly ForwardAttempt[];
  readonly now: number;
}

/** An event for people. */
export function eventLines({ style, tableWidth }: Terminal, { listed, event, attempts, now }: Shown): string[] {
  const { key, provider, account, type, standing, receivedAt, bytes, lastError, forwards } = listed;
  const facts = renderPairs(
    [
      ['event', key],
      ['provider', provider],
      ['account', account || '(nobody: about no connection here)'],
      ['type', type],
      ['received', `${iso(receivedAt)} (${when(receivedAt, now)})`],
      ['state', standing],
      ['local store', listed.state === 'kept' ? '' : listed.state],
      ['why', lastError ?? ''],
      ...forwards.map((forward): [string, string] => ['goes to', goesTo(forward, now)]),
    ],
    tableWidth,
  );
  const request = [
    style.bold(`${event.method} ${event.path}`),
    ...event.headers.map(([name, value]) => `${name}: ${value}`),
  ];
  const tried = attempts.length === 0 ? [] : ['', ...attemptTable(attempts, now, tableWidth)];
  return [...facts, '', ...request, '', ...bodyLines(event.body), style.dim(`(${bytes} bytes)`), ...tried];
}

function goesTo({ target, state, attempts, dueAt, lastError }: ListedEvent['forwards'][number], now: number): string {
  const count = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const next = dueAt === undefined || attempts === 0 ? '' : `, the next ${when(dueAt, now)}`;
  return `${target}: ${state} (${count}${next})${lastError === undefined ? '' : `, ${lastError}`}`;
}

/** JSON is laid out for reading where that changes nothing (long numbers would lose digits); `--raw` has the bytes. */
function bodyLines(body: Uint8Array): string[] {
  const bytes = Buffer.from(body);
  if (!isUtf8(bytes)) return ['not text: --raw writes the bytes'];
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return (JSON.stringify(value) === text ? JSON.stringify(value, undefined, 2) : text).split('\n');
  } catch {
    return text.split('\n');
  }
}

function attemptTable(attempts: readonly ForwardAttempt[], now: number, width: number): string[] {
  const several = new Set(attempts.map(({ target }) => target)).size > 1;
  return renderTable(
    [
      {
        heading: 'attempt',
        cell: ({ attempt }: ForwardAttempt) => (attempt === undefined ? 'replay' : String(attempt)),
      },
      { heading: 'when', cell: ({ startedAt }: ForwardAttempt) => when(startedAt, now) },
      { heading: 'target', cell: ({ target }: ForwardAttempt) => (several ? target : '') },
      { heading: 'took', cell: ({ tookMs }: ForwardAttempt) => (tookMs === undefined ? '' : formatSpan(tookMs)) },
      { heading: 'status', cell: ({ status }: ForwardAttempt) => (status === undefined ? '' : String(status)) },
      { heading: 'error', cell: ({ error }: ForwardAttempt) => error ?? '' },
    ],
    attempts,
    width,
  );
}
