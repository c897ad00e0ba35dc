import { describe, expect, test } from 'vitest';
import { slack } from '../../src/providers/slack/provider.ts';
import { DAY_MS, NOW, pull, read, streamNamed, windowFrom } from './support.ts';

const users = streamNamed(slack.streams, 'users');
const channels = streamNamed(slack.streams, 'channels');
const members = streamNamed(slack.streams, 'members');
const messages = streamNamed(slack.streams, 'messages');

test('an empty page with a cursor is not the end', () => {
  const pages: Record<string, unknown> = {
    '': { ok: true, members: [{ id: 'U1', updated: 1767607200 }], response_metadata: { next_cursor: 'a' } },
    a: { ok: true, members: [], response_metadata: { next_cursor: 'b' } },
    b: { ok: true, members: [{ id: 'U2', deleted: true }, { name: 'nobody' }], response_metadata: { next_cursor: '' } },
  };
  const { requests, pages: read } = pull(users, windowFrom(), ({ query }) => ({ body: pages[query['cursor'] ?? ''] }));
  expect(requests.map(({ path, query }) => ({ path, query }))).toEqual([
    { path: '/users.list', query: { limit: '200' } },
    { path: '/users.list', query: { limit: '200', cursor: 'a' } },
    { path: '/users.list', query: { limit: '200', cursor: 'b' } },
  ]);
  expect(read.flatMap((page) => page.records)).toEqual([
    { id: 'U1', updatedAt: NOW, deleted: false, data: { id: 'U1', updated: 1767607200 } },
    { id: 'U2', deleted: true, data: { id: 'U2', deleted: true } },
  ]);
  expect(read[2]?.rejected).toEqual([{ reason: 'a user has no id', row: { name: 'nobody' } }]);
});

test('channels of every kind that the token may see are listed, with their time in ms', () => {
  const { request } = channels.start(windowFrom());
  expect(request).toEqual({
    method: 'GET',
    path: '/conversations.list',
    query: { types: 'public_channel,private_channel', exclude_archived: 'false', limit: '200' },
  });
  const rows = [{ id: 'C1', updated: 1767607200123, is_archived: true }, { id: 'C2' }];
  expect(read(channels, request, windowFrom(), { ok: true, channels: rows })).toEqual({
    records: [
      { id: 'C1', updatedAt: NOW + 123, deleted: false, data: rows[0] },
      { id: 'C2', deleted: false, data: rows[1] },
    ],
    rejected: [],
  });
});

test('one user and one channel are looked up and read like a list', () => {
  const window = windowFrom();
  const user = users.lookup?.('U1', window);
  const channel = channels.lookup?.('C1', window);
  expect([user, channel]).toEqual([
    { method: 'GET', path: '/users.info', query: { user: 'U1' } },
    { method: 'GET', path: '/conversations.info', query: { channel: 'C1' } },
  ]);
  if (!user || !channel) return;
  expect(read(users, user, window, { ok: true, user: { id: 'U1' } }).records.map(({ id }) => id)).toEqual(['U1']);
  expect(read(channels, channel, window, { ok: true, channel: { id: 'C1' } }).records.map(({ id }) => id)).toEqual([
    'C1',
  ]);
});

describe('messages', () => {
  const since = NOW - DAY_MS;
  const bounds = { limit: '200', oldest: '1767520800.000000', latest: '1767607201.000000', inclusive: 'true' };

  test('are read channel by channel, threads included, where the token is a member', () => {
    const thread = {
      ts: '1767600000.000100',
      thread_ts: '1767600000.000100',
      reply_count: 1,
      latest_reply: '1767600001.000100',
    };
    const quiet = {
      ts: '1767600002.000100',
      thread_ts: '1767600002.000100',
      reply_count: 1,
      latest_reply: '1767000000.000100',
    };
    const answers: Record<string, unknown> = {
      'conversations.list': {
        channels: [
          { id: 'C1', is_member: true },
          { id: 'C2', is_member: false },
        ],
        response_metadata: { next_cursor: 'more' },
      },
      'conversations.list more': { channels: [{ id: 'C3', is_member: true }] },
      'conversations.history C1': {
        messages: [thread, quiet],
        has_more: true,
        response_metadata: { next_cursor: 'h' },
      },
      'conversations.history C1 h': { messages: [] },
      'conversations.replies C1': { messages: [thread, { ts: '1767600001.000100', thread_ts: thread.ts }] },
      'conversations.history C3': { messages: [{ ts: '1767600003.000100' }] },
    };
    const { requests, ids } = pull(messages, windowFrom(since), ({ path, query }) => {
      const name = [path.slice(1), query['channel'], query['cursor']].filter(Boolean).join(' ');
      return { body: { ok: true, ...(answers[name] as object) } };
    });
    expect(requests.map(({ path, query }) => ({ path, query }))).toEqual([
      {
        path: '/conversations.list',
        query: { types: 'public_channel,private_channel', exclude_archived: 'false', limit: '200' },
      },
      {
        path: '/conversations.list',
        query: { types: 'public_channel,private_channel', exclude_archived: 'false', limit: '200', cursor: 'more' },
      },
      { path: '/conversations.history', query: { channel: 'C1', ...bounds } },
      { path: '/conversations.history', query: { channel: 'C1', ...bounds, cursor: 'h' } },
      { path: '/conversations.replies', query: { channel: 'C1', ts: thread.ts, ...bounds } },
      { path: '/conversations.history', query: { channel: 'C3', ...bounds } },
    ]);
    expect(ids).toEqual([
      'C1:1767600000.000100',
      'C1:1767600002.000100',
      'C1:1767600000.000100',
      'C1:1767600001.000100',
      'C3:1767600003.000100',
    ]);
  });

  const historyOf = (more: object = {}) => ({
    method: 'GET',
    path: '/conversations.history',
    query: { channel: 'C1', limit: '200', latest: '1767607201.000000', ...more },
    state: { step: 'history', tasks: [] },
  });

  test('have the time of their last edit, their channel, and a grave when deleted', () => {
    const edited = { ts: '1767607199.000100', edited: { user: 'U1', ts: '1767607200.500000' }, text: 'x', unknown: 1 };
    const deleted = { ts: '1767607198.123456', subtype: 'tombstone' };
    const broken = { ts: 1767607199.0001 };
    const page = read(messages, historyOf(), windowFrom(), { ok: true, messages: [edited, deleted, broken] });
    expect(page.rejected).toEqual([{ reason: 'a message has no ts', row: broken }]);
    const common = { scope: 'C1' };
    expect(page.records).toEqual([
      {
        ...{ id: 'C1:1767607199.000100', updatedAt: NOW + 500, deleted: false },
        ...{ data: { ...edited, channel: 'C1' }, ...common },
      },
      {
        ...{ id: 'C1:1767607198.123456', updatedAt: NOW - 1877, deleted: true },
        ...{ data: { ...deleted, channel: 'C1' }, ...common },
      },
    ]);
  });

  test('stand in their channel, replies in their thread, also those that were sent to the channel too', () => {
    const rows = [
      { ts: '1767607199.000100', thread_ts: '1767607199.000100', reply_count: 1 },
      { ts: '1767607199.500100', thread_ts: '1767607199.000100', subtype: 'thread_broadcast' },
      { ts: '1767607198.000100' },
    ];
    const page = read(messages, historyOf(), windowFrom(), { ok: true, messages: rows });
    expect(page.records.map(({ scope }) => scope)).toEqual(['C1', 'C1:1767607199.000100', 'C1']);
  });

  test('of a history read to its last page are complete between the bounds that were asked for', () => {
    const rows = [{ ts: '1767607198.000100' }];
    const to = 'C1:1767607201.000000';
    const complete = (query: object, body: object) =>
      read(messages, historyOf(query), windowFrom(), { ok: true, messages: rows, ...body }).complete;
    // A message without replies: whatever is stored of its thread is gone.
    const lone = { scope: 'C1:1767607198.000100', from: 'C1:1767607198.000100', to };
    expect(complete({}, {})).toEqual([lone, { scope: 'C1', from: 'C1:', to }]);
    expect(complete({}, { response_metadata: { next_cursor: 'more' } })).toEqual([lone]);
    expect(complete({ oldest: '1767520800.000000' }, {})).toEqual([
      lone,
      { scope: 'C1', from: 'C1:1767520800.000000', to },
    ]);
    // Times before September 2001 have one digit less, and the order of the bytes must stay that of time.
    expect(complete({ oldest: '631152000.000000' }, {})?.at(-1)).toEqual({
      scope: 'C1',
      from: 'C1:0631152000.000000',
      to,
    });
    const replies = { ts: '1767607198.000100' };
    expect(complete(replies, {})).toEqual([lone]);
    expect(complete({ ...replies, oldest: '1767607199.000000' }, {})).toEqual([
      { ...lone, from: 'C1:1767607199.000000' },
    ]);
  });

  test('that a free plan hides are not taken for gone', () => {
    const rows = [{ ts: '1767607198.000100' }, { ts: '1767607197.000100' }];
    const limited = (messagesThere: object[]) =>
      read(messages, historyOf(), windowFrom(), { ok: true, messages: messagesThere, is_limited: true }).complete;
    expect(limited(rows)?.at(-1)).toEqual({ scope: 'C1', from: 'C1:1767607197.000100', to: 'C1:1767607201.000000' });
    expect(limited([])).toEqual([]);
  });

  test('of a token that is in no channel are none', () => {
    const { ids, requests } = pull(messages, windowFrom(), () => ({ body: { ok: true, channels: [{ id: 'C1' }] } }));
    expect({ ids, requests: requests.length }).toEqual({ ids: [], requests: 1 });
  });

  test('that come 15 at once though 200 were asked for are said to take their time, once', () => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ts: `1767607199.${String(index).padStart(6, '0')}` }));
    const coverage = (count: number, next_cursor: string) =>
      read(messages, historyOf(), windowFrom(), { messages: rows(count), response_metadata: { next_cursor } }).coverage;
    const [sentence = ''] = coverage(15, 'more') ?? [];
    expect(sentence).toMatch(/^Slack gave 15 messages at once although 200 were asked for.* 15 messages a minute\.$/);
    expect([coverage(15, ''), coverage(14, 'more'), coverage(200, 'more')]).toEqual([[], [], []]);
  });

  test('are looked up one by one; an answer without the message says that it is gone', () => {
    const id = 'C1:1767607199.000100';
    const request = messages.lookup?.(id, windowFrom());
    const ts = '1767607199.000100';
    expect(request).toEqual({
      method: 'GET',
      path: '/conversations.replies',
      query: { channel: 'C1', ts, oldest: ts, latest: ts, inclusive: 'true', limit: '200' },
      state: { step: 'lookup' },
    });
    if (!request) return;
    const ids = (rows: object[]) => {
      const page = read(messages, request, windowFrom(), { ok: true, messages: rows });
      expect([page.next, page.complete]).toEqual([undefined, undefined]);
      return page.records.map((record) => record.id);
    };
    const parent = { ts: '1767607100.000100', thread_ts: '1767607100.000100', reply_count: 1 };
    expect(ids([parent, { ts, thread_ts: parent.ts }])).toEqual(['C1:1767607100.000100', id]);
    expect([ids([parent]), ids([])]).toEqual([[], []]);
  });

  test('of everything have no lower bound and nothing to warn of', () => {
    expect(messages.start(windowFrom()).coverage).toEqual([]);
    const { requests } = pull(messages, windowFrom(), ({ path }) => ({
      body: path === '/conversations.list' ? { channels: [{ id: 'C1', is_member: true }] } : { messages: [] },
    }));
    expect(requests[1]?.query).toEqual({ channel: 'C1', limit: '200', latest: '1767607201.000000', inclusive: 'true' });
  });
});

test('members of joined channels are read channel by channel, all of them each time', () => {
  const answers: Record<string, object> = {
    'conversations.list': { channels: [{ id: 'C1', is_member: true }, { id: 'C2' }, { id: 'C3', is_member: true }] },
    'conversations.members C1': { members: ['U1', 'U2'], response_metadata: { next_cursor: 'm' } },
    'conversations.members C1 m': { members: ['U3', 7], response_metadata: { next_cursor: '' } },
    'conversations.members C3': { members: ['U1'] },
  };
  const { requests, pages } = pull(members, windowFrom(NOW - DAY_MS), ({ path, query }) => ({
    body: answers[[path.slice(1), query['channel'], query['cursor']].filter(Boolean).join(' ')],
  }));
  expect(requests.slice(1).map(({ query }) => query)).toEqual([
    { channel: 'C1', limit: '200' },
    { channel: 'C1', limit: '200', cursor: 'm' },
    { channel: 'C3', limit: '200' },
  ]);
  const member = (channel: string, user: string) => ({
    ...{ id: `${channel}:${user}`, deleted: false, data: { channel, user }, scope: channel },
  });
  expect(pages.flatMap(({ records }) => records)).toEqual([
    member('C1', 'U1'),
    member('C1', 'U2'),
    member('C1', 'U3'),
    member('C3', 'U1'),
  ]);
  expect(pages[2]?.rejected).toEqual([{ reason: 'a member has no id', row: 7 }]);
});

describe('events', () => {
  const events = (event: object) => {
    const body = { type: 'event_callback', team_id: 'T1', event_id: 'E1', event };
    return slack.webhook?.readEvents(new TextEncoder().encode(JSON.stringify(body)), {});
  };
  const about = { id: 'E1', externalId: 'T1' };

  test.each([
    [
      { type: 'message', subtype: 'message_changed', channel: 'C1', ts: '2.1', message: { ts: '1.1' } },
      { type: 'message', entity: 'messages', entityId: 'C1:1.1' },
    ],
    [
      { type: 'message', subtype: 'message_deleted', channel: 'C1', ts: '2.1', deleted_ts: '1.1' },
      { type: 'message', entity: 'messages', entityId: 'C1:1.1', deleted: true },
    ],
    [
      {
        ...{ type: 'message', subtype: 'message_changed', channel: 'C1', ts: '2.1' },
        message: { subtype: 'tombstone', ts: '1.1' },
      },
      { type: 'message', entity: 'messages', entityId: 'C1:1.1', deleted: true },
    ],
    [
      { type: 'reaction_added', user: 'U1', item: { type: 'message', channel: 'C1', ts: '1.1' } },
      { type: 'reaction_added', entity: 'messages', entityId: 'C1:1.1' },
    ],
    [{ type: 'reaction_added', item: { type: 'file', file: 'F1' } }, { type: 'reaction_added' }],
    [
      { type: 'member_joined_channel', user: 'U1', channel: 'C1' },
      { type: 'member_joined_channel', entity: 'members', entityId: 'C1:U1' },
    ],
    [
      { type: 'member_left_channel', user: 'U1', channel: 'C1' },
      { type: 'member_left_channel', entity: 'members', entityId: 'C1:U1', deleted: true },
    ],
    [{ type: 'member_left_channel' }, { type: 'member_left_channel', entity: 'members' }],
    [
      { type: 'user_change', user: { id: 'U1' } },
      { type: 'user_change', entity: 'users', entityId: 'U1' },
    ],
    [
      { type: 'channel_rename', channel: { id: 'C1' } },
      { type: 'channel_rename', entity: 'channels', entityId: 'C1' },
    ],
    [
      { type: 'channel_deleted', channel: 'C1' },
      { type: 'channel_deleted', entity: 'channels', entityId: 'C1', deleted: true },
    ],
    [{ type: 'app_uninstalled' }, { type: 'app_uninstalled' }],
  ])('%j names what changed', (event, expected) => {
    expect(events(event)).toEqual([{ ...about, ...expected }]);
  });

  test('a form post of ssl_check says nothing', () => {
    expect(slack.webhook?.readEvents(new TextEncoder().encode('ssl_check=1&token=x'), {})).toEqual([]);
  });
});
