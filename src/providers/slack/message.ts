import { asNumber, asObject, asText } from '../json-value.ts';
import type { Page, PageRequest, StreamRecord } from '../stream.ts';
import { listRequest } from './cursor.ts';

/** Slack's ts names a message within its channel and is never a number: it has more digits than a double keeps. */
const TS = /^(\d{1,12})\.(\d{1,9})$/;

/** Whole milliseconds of a ts; undefined when it is none. */
export function instantOfTs(ts: unknown): number | undefined {
  const match = typeof ts === 'string' ? TS.exec(ts) : null;
  if (!match) return undefined;
  const [, seconds = '', fraction = ''] = match;
  return Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** A ts for a moment (ms since the epoch), as a bound of a history. */
export function tsOfInstant(instant: number): string {
  const ms = Math.max(0, Math.floor(instant));
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000`;
}

/** Id of a message among all channels. */
export function messageId(channel: string, ts: string): string {
  return `${channel}:${ts}`;
}

/** The list that the replies of a thread stand in; those of a channel stand in the channel. */
export function threadScope(channel: string, thread: string): string {
  return `${channel}:${thread}`;
}

/**
 * Asks for one message. `conversations.history` has no replies; `conversations.replies` takes the ts of any message, and gives a reply alone
 * (slackapi/bolt-python #783), the first message of a thread with its replies. The bounds leave at most that message and the first of its thread.
 */
export function lookupRequest(id: string): PageRequest {
  const [channel = '', ts = ''] = id.split(':');
  const bounds = { oldest: ts, latest: ts, inclusive: 'true' };
  return { ...listRequest('conversations.replies', { channel, ts, ...bounds }), state: { step: 'lookup' } };
}

/**
 * Messages as records, with the channel added, which Slack leaves out. A deleted message that has replies stays as a `tombstone`. The time
 * of change is that of the last edit, otherwise of writing. A reply belongs to its thread wherever it was read: one that was sent to the channel
 * too (`thread_broadcast`) is in both lists.
 */
export function readMessages(channel: string, rows: readonly unknown[]): Pick<Page, 'records' | 'rejected'> {
  const records: StreamRecord[] = [];
  const rejected: { reason: string; row: unknown }[] = [];
  for (const row of rows) {
    const message = asObject(row);
    const ts = asText(message['ts']);
    const written = instantOfTs(ts);
    if (ts === undefined || written === undefined) {
      rejected.push({ reason: 'a message has no ts', row });
      continue;
    }
    const updatedAt = instantOfTs(asObject(message['edited'])['ts']) ?? written;
    const deleted = message['subtype'] === 'tombstone';
    const thread = asText(message['thread_ts']);
    const scope = thread === undefined || thread === ts ? channel : threadScope(channel, thread);
    records.push({ id: messageId(channel, ts), updatedAt, deleted, data: { ...message, channel }, scope });
  }
  return { records, rejected };
}

/** First messages of the threads on this page that have replies since `since` (ms); the replies are not part of a channel's history. */
export function threadsOf(rows: readonly unknown[], since: number | undefined): readonly string[] {
  return rows.flatMap((row) => {
    const { ts, thread_ts, reply_count, latest_reply } = asObject(row);
    const thread = asText(ts);
    if (!thread || thread_ts !== thread || !hasReplies(reply_count)) return [];
    const latest = instantOfTs(latest_reply);
    return since !== undefined && latest !== undefined && latest < since ? [] : [thread];
  });
}

/** Messages of a channel's history that have no replies; replies that were sent to the channel too are none of them. */
export function withoutReplies(rows: readonly unknown[]): readonly string[] {
  return rows.flatMap((row) => {
    const { ts, thread_ts, reply_count } = asObject(row);
    const first = thread_ts === undefined || thread_ts === ts;
    return first && !hasReplies(reply_count) && instantOfTs(ts) !== undefined ? [String(ts)] : [];
  });
}

function hasReplies(count: unknown): boolean {
  return (asNumber(count) ?? 0) > 0;
}
