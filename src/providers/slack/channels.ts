import { asObject, asText } from '../json-value.ts';
import type { PageRequest, Stream, StreamRecord } from '../stream.ts';
import { listRequest, nextPage, rowsOrOne } from './cursor.ts';
import { instantOfEpoch } from './epoch.ts';

/** Public channels, and the private ones that the token can see, archived ones too; by default Slack gives public ones only. */
export function channelsRequest(): PageRequest {
  return listRequest('conversations.list', { types: 'public_channel,private_channel', exclude_archived: 'false' });
}

/** Channels, always as a full list: `conversations.list` knows no since. Source: docs.slack.dev conversations.list. */
export const channels: Stream = {
  name: 'channels',
  overlapMs: 0,
  // How long a cursor lives is not documented.
  resumable: false,
  minIntervalMs: 0,
  absence: 'list',
  columns: {
    name: 'name',
    topic: 'topic.value',
    purpose: 'purpose.value',
    is_private: 'is_private',
    is_archived: 'is_archived',
    is_member: 'is_member',
    num_members: 'num_members',
    creator: 'creator',
    created: 'created',
  },
  start: () => ({ request: channelsRequest(), coverage: [] }),
  lookup: (id) => ({ method: 'GET', path: '/conversations.info', query: { channel: id } }),
  parse(page) {
    const records: StreamRecord[] = [];
    const rejected: { reason: string; row: unknown }[] = [];
    for (const row of rowsOrOne(page.body, 'channels', 'channel')) {
      const channel = asObject(row);
      const id = asText(channel['id']);
      const updatedAt = instantOfEpoch(channel['updated']);
      const time = updatedAt === undefined ? {} : { updatedAt };
      if (id === undefined) rejected.push({ reason: 'a channel has no id', row });
      else records.push({ id, ...time, deleted: false, data: row });
    }
    const next = nextPage(page);
    return { records, rejected, ...(next ? { next } : {}) };
  },
};
