import { bytes } from './connection-row.ts';
import type { EventState, InboxEvent } from './inbox.ts';

/** A row of `inbox`. */
export interface InboxRow {
  readonly event: number;
  readonly account_id: string;
  readonly provider: string;
  readonly key: string;
  readonly type: string;
  readonly method: string;
  readonly path: string;
  readonly headers: string;
  readonly body: Uint8Array;
  readonly received_at: number;
  readonly state: EventState;
  readonly attempts: number;
  readonly last_error: string | null;
}

/** A row as the port gives it. */
export function toEvent(row: InboxRow): InboxEvent {
  const { event, key, type, method, path, state, attempts } = row;
  return {
    ...{ event, account: row.account_id, provider: row.provider, key, type, method, path, state, attempts },
    headers: JSON.parse(row.headers),
    body: bytes(row.body),
    receivedAt: row.received_at,
    lastError: row.last_error ?? undefined,
  };
}
