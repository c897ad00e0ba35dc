import { type FakeStream, sameStream } from '../provider-fake.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { findMessage, findReply } from './find-message.ts';
import { renderChannel, renderMessage, renderReply, renderUser } from './rendering.ts';
import { replyTimestamp } from './thread.ts';
import { timestampOf } from './timestamp.ts';
import { type Channel, channelId, indexOfChannel, indexOfUser, userId, type Workspace } from './workspace.ts';

/** Rows added at once are this far apart, ms. */
const COMMON = { onDelete: 'remove', addStepMs: 1 } as const;

/**
 * The rows behind a name: `users`, `channels`, `members`, `messages` (of the first channel; `messages:C00000003` of another one), and `replies` or
 * `broadcasts` (to the sixth message of the first channel; `replies:C00000003:1767607199.000100` to another message). The id of a member is that of the
 * user, that of a message its timestamp.
 */
export function workspaceStream(workspace: Workspace, wanted: string): FakeStream | undefined {
  const [name = '', where = channelId(0), ts] = wanted.split(':');
  const users = { ...COMMON, idOf: userId, indexOf: indexOfUser };
  if (sameStream(wanted, 'users'))
    return { ...users, timeline: workspace.users, render: (row) => renderUser(workspace, row) };
  if (sameStream(wanted, 'channels')) return channels(workspace);
  const channel = workspace.channel(where);
  if (channel === undefined) return undefined;
  if (sameStream(name, 'members')) return { ...users, timeline: channel.members, render: (row) => userId(row.index) };
  if (sameStream(name, 'messages')) return messages(workspace, channel);
  const replies = sameStream(name, 'replies');
  return replies || sameStream(name, 'broadcasts') ? thread(workspace, channel, ts, !replies) : undefined;
}

function channels(workspace: Workspace): FakeStream {
  const render = ({ index }: TimelineRow) => {
    const channel = workspace.channel(channelId(index));
    return channel && renderChannel(workspace, channel);
  };
  return { ...COMMON, timeline: workspace.channelRows, idOf: channelId, indexOf: indexOfChannel, render };
}

function messages(workspace: Workspace, channel: Channel): FakeStream {
  const timeline: Timeline = {
    ...channel.messages,
    change(indices, at, how) {
      // Of a deleted message the thread may be left, so it must be known.
      for (const index of how === 'remove' ? indices : []) {
        const row = channel.messages.find(index);
        if (row !== undefined) channel.threads.hold(row);
      }
      channel.messages.change(indices, at, how);
    },
  };
  const idOf = (index: number) => timestampOf(channel.messages.find(index)?.at ?? 0);
  const render = (row: TimelineRow) => renderMessage(workspace, channel, row);
  return { ...COMMON, timeline, idOf, indexOf: (ts) => findMessage(channel, ts)?.index, render };
}

function thread(
  workspace: Workspace,
  channel: Channel,
  ts: string | undefined,
  broadcast: boolean,
): FakeStream | undefined {
  const parent = ts === undefined ? channel.messages.find(5) : findMessage(channel, ts);
  if (parent === undefined) return undefined;
  const held = channel.threads.hold(parent);
  const timeline: Timeline = {
    ...held.replies,
    add(count, at, stepMs) {
      const added = held.replies.add(count, at, stepMs);
      if (broadcast) for (const index of added) held.broadcasts.add(index);
      return added;
    },
  };
  const idOf = (index: number) => {
    const row = held.replies.find(index);
    return row === undefined ? '' : replyTimestamp(held, row);
  };
  const render = (row: TimelineRow) => renderReply(workspace, held, parent, row);
  return { ...COMMON, timeline, idOf, indexOf: (reply) => findReply(channel, reply)?.row.index, render };
}
