import { asObject, asText } from '../json-value.ts';
import type { PageAnswer, PageRequest, RecordRange } from '../stream.ts';
import { listRequest } from './cursor.ts';
import { messageId, threadScope, tsOfInstant } from './message.ts';
import { type Task, withTasks } from './task.ts';

/** The first page of a history: of a channel, or of one thread in it. Both ends of the window belong to it. */
export function historyRequest(
  task: Task,
  left: readonly Task[],
  since: number | undefined,
  until: number,
): PageRequest {
  const method = task.thread === undefined ? 'conversations.history' : 'conversations.replies';
  const bounds = {
    ...(since === undefined ? {} : { oldest: tsOfInstant(since) }),
    // A second more: `until` is a Date header, which has whole seconds.
    latest: tsOfInstant(until + 1000),
    inclusive: 'true',
  };
  const which = { channel: task.channel, ...(task.thread === undefined ? {} : { ts: task.thread }) };
  return withTasks(listRequest(method, { ...which, ...bounds }), 'history', left);
}

/**
 * What has been read to its end with the last page of a history: the messages of the channel, or the replies of the thread, between the bounds that
 * were asked for. On a workspace whose plan hides what is older (`is_limited` in the answer), no more than what came: hidden is not gone.
 */
export function readToEnd({ request, body }: PageAnswer, rows: readonly unknown[]): readonly RecordRange[] {
  const { channel = '', ts: thread, oldest, latest = '' } = request.query;
  const to = messageId(channel, latest);
  if (thread !== undefined) {
    const from = oldest !== undefined && sortable(oldest) > thread ? sortable(oldest) : thread;
    return [{ scope: threadScope(channel, thread), from: messageId(channel, from), to }];
  }
  const asked = messageId(channel, oldest === undefined ? '' : sortable(oldest));
  if (asObject(body)['is_limited'] !== true) return [{ scope: channel, from: asked, to }];
  const stamps = rows.flatMap((row) => asText(asObject(row)['ts']) ?? []).sort();
  return stamps[0] === undefined ? [] : [{ scope: channel, from: messageId(channel, stamps[0]), to }];
}

/**
 * The threads that these messages do not have: whatever is stored of them is gone, since a message says how many replies it has. This is how the
 * deletion of an only reply shows.
 */
export function emptyThreads({ request }: PageAnswer, lone: readonly string[]): readonly RecordRange[] {
  const { channel = '', ts: thread, latest = '' } = request.query;
  if (thread !== undefined) return [];
  const to = messageId(channel, latest);
  return lone.map((ts) => ({ scope: threadScope(channel, ts), from: messageId(channel, ts), to }));
}

/** A ts of ten digits before the point, as all messages have, so that the order of the bytes is the order of time. */
function sortable(ts: string): string {
  return ts.padStart(17, '0');
}
