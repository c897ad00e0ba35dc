import { findMessage, findReply, tombstones } from './find-message.ts';
import { findChannel, limitOf, type MethodCall } from './method.ts';
import { readCursor, writeCursor } from './paging.ts';
import { renderMessage, renderReply } from './rendering.ts';
import { errorAnswer, okAnswer } from './slack-answer.ts';
import { repliesOf, type Thread } from './thread.ts';
import { type Bounds, boundsOf, within } from './time-bounds.ts';
import { FIRST_SERIAL } from './timestamp.ts';
import type { Channel, Workspace } from './workspace.ts';

type Message = Readonly<Record<string, unknown>>;

/** Newest first; `oldest` and `latest` are left out themselves unless `inclusive` (docs.slack.dev, conversations.history). */
export function listMessages(call: MethodCall): Response {
  const { workspace, parameters, mostMessages } = call;
  const channel = findChannel(call, 'history');
  if (channel instanceof Response) return channel;
  const limit = limitOf(parameters, mostMessages ?? 100, 999);
  const bounds = boundsOf(parameters);
  if (limit === undefined) return errorAnswer('invalid_limit');
  if (typeof bounds === 'string') return errorAnswer(bounds);
  const size = Math.min(limit, mostMessages ?? limit);
  // One more than a page tells whether something follows.
  const found = [...said(workspace, channel, bounds, size + 1), ...special(workspace, channel, bounds)];
  const messages = found.sort((a, b) => (String(a['ts']) < String(b['ts']) ? 1 : -1)).slice(0, size);
  const last = messages.at(-1);
  const more = found.length > size && last !== undefined;
  const head = { messages, has_more: more, pin_count: 0 };
  return okAnswer(
    more ? { ...head, response_metadata: { next_cursor: writeCursor('next_ts', String(last['ts'])) } } : head,
  );
}

/** The newest messages of a channel's own. */
function said(workspace: Workspace, channel: Channel, { from, to }: Bounds, count: number): Message[] {
  const filter = {
    from: Math.ceil((from - FIRST_SERIAL) / 1000),
    to: Math.floor((to - FIRST_SERIAL) / 1000),
  };
  const total = channel.messages.count(filter);
  const start = Math.max(0, total - count);
  return channel.messages.select(filter, start, total - start).map((row) => renderMessage(workspace, channel, row));
}

/** Tombstones, and replies that were sent to the channel too. */
function special(workspace: Workspace, channel: Channel, bounds: Bounds): Message[] {
  const graves = tombstones(channel).map((row) => renderMessage(workspace, channel, row));
  const sent = channel.threads
    .held()
    .flatMap((thread) =>
      repliesIn(workspace, channel, thread).filter((reply) => reply['subtype'] === 'thread_broadcast'),
    );
  return [...graves, ...sent].filter((message) => within(bounds, message));
}

function repliesIn(workspace: Workspace, channel: Channel, thread: Thread): Message[] {
  const parent = channel.messages.find(thread.parent);
  if (parent === undefined) return [];
  return repliesOf(thread).map((row) => renderReply(workspace, thread, parent, row));
}

/**
 * The parent first, whatever the bounds, then its replies, oldest first. The timestamp of a reply gives that reply alone (slackapi/bolt-python #783).
 */
export function listReplies(call: MethodCall): Response {
  const { workspace, parameters, mostMessages } = call;
  const channel = findChannel(call, 'history');
  if (channel instanceof Response) return channel;
  const wanted = parameters.get('ts') ?? '';
  const bounds = boundsOf(parameters);
  const limit = limitOf(parameters, mostMessages ?? 1000, 1000);
  if (limit === undefined) return errorAnswer('invalid_limit');
  if (typeof bounds === 'string') return errorAnswer(bounds);
  const reply = findReply(channel, wanted);
  if (reply !== undefined) {
    return okAnswer({ messages: [renderReply(workspace, reply.thread, reply.parent, reply.row)], has_more: false });
  }
  const parent = findMessage(channel, wanted);
  if (parent === undefined) return errorAnswer('thread_not_found');
  const replies = repliesIn(workspace, channel, channel.threads.of(parent)).filter((one) => within(bounds, one));
  const all = [renderMessage(workspace, channel, parent), ...replies];
  const offset = parameters.get('cursor') ? Number(readCursor('reply', parameters.get('cursor') ?? '')) : 0;
  if (!Number.isInteger(offset)) return errorAnswer('invalid_cursor');
  const end = offset + Math.min(limit, mostMessages ?? limit);
  const head = { messages: all.slice(offset, end), has_more: end < all.length };
  return okAnswer(end < all.length ? { ...head, response_metadata: { next_cursor: writeCursor('reply', end) } } : head);
}
