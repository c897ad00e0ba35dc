import type { ErrorCode } from '../../errors.ts';
import { type EventRow, toEventRow } from '../event-row.ts';
import type { NewEvent } from '../inbox.ts';

/** Deliveries on their way to the thread that stores them. */
export interface EventBatch {
  readonly rows: readonly EventRow[];
  /** All bodies, one behind the other. */
  readonly bodies: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
  readonly forwardTo: readonly (readonly string[] | undefined)[];
}

/** What the thread says of one batch: which of them were new, or why none is stored. */
export type BatchReply =
  | { readonly isNew: readonly boolean[] }
  | { readonly code: ErrorCode | undefined; readonly message: string };

export function toEventBatch(events: readonly NewEvent[]): EventBatch {
  let size = 0;
  for (const { body } of events) size += body.length;
  const bodies = new Uint8Array(size);
  let at = 0;
  for (const { body } of events) {
    bodies.set(body, at);
    at += body.length;
  }
  return {
    bodies,
    rows: events.map(toEventRow),
    lengths: events.map(({ body }) => body.length),
    forwardTo: events.map(({ forwardTo }) => forwardTo),
  };
}
