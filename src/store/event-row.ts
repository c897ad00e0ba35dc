import type { EventState, NewEvent } from './inbox.ts';

/** A new event as a row of `inbox`, but for its body: plain values, which cost little to hand to another thread. */
export type EventRow = readonly [
  account: string,
  provider: string,
  key: string,
  type: string,
  method: string,
  path: string,
  headers: string,
  receivedAt: number,
  state: EventState,
  failed: string | undefined,
];

export function toEventRow(event: NewEvent): EventRow {
  const { account, provider, key, type, method, path, headers, receivedAt, failed, kept } = event;
  const state: EventState = kept ? 'kept' : failed === undefined ? 'received' : 'failed';
  const pairs = JSON.stringify(headers);
  return [account, provider, key, type, method, path, pairs, receivedAt, state, kept ? undefined : failed];
}
