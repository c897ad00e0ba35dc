import type { GrantStore } from './grant-store.ts';
import type { WindowState } from './rate-window.ts';
import type { MockSettings } from './settings.ts';
import type { Timeline, TimelineRow } from './timeline.ts';

/** The fake of one provider. Paths begin with its id: `/quickbooks/v3/company/…`. */
export interface ProviderFake {
  readonly id: string;
  /** The provider's own hosts; a request for one of them is answered too, for msw. */
  readonly hosts: readonly string[];
  /** Answers as the provider would. */
  handle(request: Request): Response | Promise<Response>;
  /** The provider's own body for a failure that a fault asks for at this path. */
  failure(status: number, path: string): Response;
  /** The windows that such a request counts against, as they stand; none where nothing is limited. */
  windows(request: Request): readonly WindowState[];
  /** Adds the headers that all of the provider's answers carry: request ids. */
  stamp(headers: Headers): void;
  readonly grants: GrantStore;
  /** The rows behind a stream name; undefined when there is no such stream. */
  stream(name: string, tenant: string | undefined): FakeStream | undefined;
  /** What an API request reads; undefined for one that is none, such as for a token. Only its address and headers are looked at. */
  reading(request: Request): Reading | undefined;
  /** An event as the provider would send it, signed; undefined for an event that it does not have. */
  event(parameters: URLSearchParams): SignedEvent | undefined;
}

/** Names of streams and the tenant whose rows they hold, as `stream` takes them. */
export interface Reading {
  readonly tenant: string | undefined;
  readonly streams: readonly string[];
}

/** Rows that the control endpoints can change. */
export interface FakeStream {
  readonly timeline: Timeline;
  /** What deleting means: the row is gone, or merely inactive (name lists of QuickBooks). */
  readonly onDelete: 'remove' | 'hide';
  /** Distance between rows that are added at once, ms; 0: they share one time. */
  readonly addStepMs: number;
  idOf(index: number): string;
  indexOf(id: string): number | undefined;
  /** A row as the API shows it in a list. */
  render(row: TimelineRow): unknown;
}

/** A webhook request, ready to send. */
export interface SignedEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Headers that a repeated delivery of the same event has in addition. */
  retryHeaders?(attempt: number): Readonly<Record<string, string>>;
}

export type MakeFake = (settings: MockSettings) => ProviderFake;

/** Whether two spellings name the same stream: `invoices`, `Invoice`, `completed-packets`, `CompletedPackets`. */
export function sameStream(a: string, b: string): boolean {
  return streamKey(a) === streamKey(b);
}

function streamKey(name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  return letters
    .replace(/ies$/, 'y')
    .replace(/(ss|x)es$/, '$1')
    .replace(/(?<!s)s$/, '');
}
