import { asText } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, Stream, StreamRecord } from '../stream.ts';
import { listRequest, nextPage, rowsOf } from './cursor.ts';
import { joinedChannelsRequest, parseJoinedChannels, stepOf, type Task, tasksOf, withTasks } from './task.ts';

/**
 * Who is in which of the channels that the token is a member of: the channels are listed first, then the members of each, all of them every time,
 * because Slack has neither a since nor a time for them. Source: docs.slack.dev conversations.members.
 */
export const members: Stream = {
  name: 'members',
  overlapMs: 0,
  // How long a cursor lives is not documented.
  resumable: false,
  minIntervalMs: 0,
  absence: 'list',
  columns: { channel: 'channel', user: 'user' },
  start: () => ({ request: joinedChannelsRequest(), coverage: [] }),
  parse: (page) => (stepOf(page.request) === 'channels' ? parseJoinedChannels(page, nextChannel) : parseMembers(page)),
};

/** Id of a membership, which Slack has none for. */
export function memberId(channel: string, user: string): string {
  return `${channel}:${user}`;
}

function parseMembers(page: PageAnswer): Page {
  const { channel = '' } = page.request.query;
  const records: StreamRecord[] = [];
  const rejected: { reason: string; row: unknown }[] = [];
  for (const row of rowsOf(page.body, 'members')) {
    const user = asText(row);
    if (user === undefined) rejected.push({ reason: 'a member has no id', row });
    else records.push({ id: memberId(channel, user), deleted: false, data: { channel, user }, scope: channel });
  }
  const next = nextPage(page) ?? nextChannel(tasksOf(page.request));
  return { records, rejected, ...(next ? { next } : {}) };
}

function nextChannel([task, ...left]: readonly Task[]): PageRequest | undefined {
  return task && withTasks(listRequest('conversations.members', { channel: task.channel }), 'members', left);
}
