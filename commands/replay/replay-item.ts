import type { LwiError } from '../../src/errors.ts';
import type { Capture } from '../../src/webhooks/capture.ts';
import type { OutgoingRequest } from '../../src/webhooks/request-sender.ts';

/** A request to be sent again: out of a file, or out of the inbox. */
export interface ReplayItem {
  /** The file, or `-`. */
  readonly input?: string | undefined;
  readonly event?: InboxPlace | undefined;
  /** Where it is known. */
  readonly provider?: string | undefined;
  /** ms since the epoch, where it is known. */
  readonly receivedAt?: number | undefined;
  /** Its bytes; an error says why it cannot be sent. */
  load(): Promise<ReplayedRequest | LwiError>;
}

/** An event of the inbox. */
export interface InboxPlace {
  readonly number: number;
  /** What people know it by. */
  readonly key: string;
  readonly account: string;
}

/** A request without the place that it goes to. */
export type ReplayedRequest = Omit<OutgoingRequest, 'url'> & { readonly path: string };

/** Is given each item; what it returns is waited for. */
export type TakeItem = (item: ReplayItem) => Promise<void>;

/** What a capture sends. Its bytes are copied: whoever read it may read the next one into the same memory. */
export function requestOfCapture({ method, path, headers, body }: Capture): ReplayedRequest {
  const pairs = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): readonly [string, string] => [name, value]),
  );
  return { method, path, headers: pairs, body: Uint8Array.from(body) };
}
