import type { TimelineRow } from '../timeline.ts';
import { repliesOf, replyTimestamp, type Thread } from './thread.ts';
import { FIRST_SERIAL, microsecondsOf } from './timestamp.ts';
import type { Channel } from './workspace.ts';

/** The message of a channel's own that a timestamp names; a deleted one only as long as it has replies. */
export function findMessage(channel: Channel, timestamp: string): TimelineRow | undefined {
  const microseconds = microsecondsOf(timestamp);
  if (microseconds === undefined || microseconds % 1000 !== FIRST_SERIAL) return undefined;
  const at = (microseconds - FIRST_SERIAL) / 1000;
  const live = channel.messages.select({ from: at, to: at }, 0, 1)[0];
  return live ?? tombstones(channel).find((row) => row.at === at);
}

/** The reply that a timestamp names, with its thread. */
export function findReply(
  channel: Channel,
  timestamp: string,
): { readonly thread: Thread; readonly parent: TimelineRow; readonly row: TimelineRow } | undefined {
  const microseconds = microsecondsOf(timestamp) ?? 0;
  const serial = microseconds % 1000;
  if (serial <= FIRST_SERIAL) return undefined;
  const at = Math.floor(microseconds / 1000);
  // A reply of the start follows its message within seconds; the others are in the threads that are held.
  const near = channel.messages.select({ from: at - 10_000, to: at }, 0, 50).map((row) => channel.threads.of(row));
  for (const thread of [...channel.threads.held(), ...near]) {
    const row = repliesOf(thread).find((reply) => replyTimestamp(thread, reply) === timestamp);
    const parent = channel.messages.find(thread.parent);
    if (row !== undefined && parent !== undefined) return { thread, parent, row };
  }
  return undefined;
}

/** Deleted messages that have replies: Slack keeps those as tombstones. */
export function tombstones({ messages, threads }: Channel): readonly TimelineRow[] {
  return threads.held().flatMap((thread) => {
    const row = messages.find(thread.parent);
    return row?.deleted === true && repliesOf(thread).length > 0 ? [row] : [];
  });
}
