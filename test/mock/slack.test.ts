import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import { basic, CALLBACK, CLIENT, callbackOf, control, postForm, slackCall, startMock } from './started-mock.ts';

const SCOPES = 'channels:read,channels:history,groups:read,users:read,team:read';
const authorizeUrl = (url: string, fields: Record<string, string>, page = 'v2') =>
  `${url}/slack/oauth/${page}/authorize?${new URLSearchParams({ client_id: 'client-1', redirect_uri: CALLBACK, state: 's', ...fields })}`;
const token = (
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = CLIENT,
  method = 'oauth.v2.access',
) => postForm(`${url}/slack/api/${method}`, fields, headers);

async function installed(url: string, fields: Record<string, string> = { scope: SCOPES }, company = 0) {
  const code = (await callbackOf(authorizeUrl(url, fields), { company })).get('code') ?? '';
  return (await token(url, { code, redirect_uri: CALLBACK })).body;
}

async function connected(options?: Parameters<typeof startMock>[0]) {
  const started = await startMock({ rateLimits: false, ...options });
  const bot: string = (await installed(started.url)).access_token;
  return {
    ...started,
    bot,
    call: (method: string, fields?: Record<string, string>) => slackCall(started.url, bot, method, fields),
  };
}

/** All pages of a list, following the cursor to its end. */
async function pages(call: (cursor: string) => ReturnType<typeof slackCall>, key: string) {
  const all: Record<string, unknown>[][] = [];
  for (let cursor = ''; ; ) {
    const { body } = await call(cursor);
    all.push(body[key]);
    cursor = body.response_metadata?.next_cursor ?? '';
    if (cursor === '') return all;
  }
}

test('a bot installation answers with token, team and the person who approved', async () => {
  const { url } = await startMock();
  expect(await installed(url)).toEqual({
    ok: true,
    app_id: 'A00000001',
    token_type: 'bot',
    scope: SCOPES,
    access_token: expect.stringMatching(/^xoxe\.xoxb-1-/),
    refresh_token: expect.stringMatching(/^xoxe-1-/),
    expires_in: 43_200,
    bot_user_id: 'U00000009',
    team: { id: 'T00000001', name: 'Laneweaver Dispatch' },
    enterprise: null,
    is_enterprise_install: false,
    authed_user: { id: 'U00000001' },
  });
  expect((await installed(url, { scope: SCOPES }, 1)).team.id).toBe('T00000002');
});

test('user tokens sit in authed_user, beside the bot token or alone, also from the user-only page', async () => {
  const { url } = await startMock();
  const user = {
    id: 'U00000001',
    token_type: 'user',
    scope: 'users:read',
    access_token: expect.stringMatching(/^xoxe\.xoxp-/),
  };
  expect((await installed(url, { scope: 'channels:read', user_scope: 'users:read' })).authed_user).toMatchObject(user);
  const alone = await installed(url, { user_scope: 'users:read' });
  expect([alone.access_token, alone.authed_user]).toEqual([
    undefined,
    { ...user, refresh_token: expect.any(String), expires_in: 43_200 },
  ]);
  const code = (await callbackOf(authorizeUrl(url, { scope: 'users:read' }, 'v2_user'))).get('code') ?? '';
  const fields = { code, redirect_uri: CALLBACK };
  expect((await token(url, fields, CLIENT, 'oauth.v2.user.access')).body.authed_user).toMatchObject(user);
});

test('a refresh answers flat with a new pair, and a refresh token works once', async () => {
  const { url } = await startMock();
  const refresh = async (refreshToken: string) =>
    (await token(url, { grant_type: 'refresh_token', refresh_token: refreshToken })).body;
  const first = await installed(url, { user_scope: 'users:read' });
  const second = await refresh(first.authed_user.refresh_token);
  expect(second).toMatchObject({
    ok: true,
    token_type: 'user',
    access_token: expect.stringMatching(/^xoxe\.xoxp-/),
    expires_in: 43_200,
  });
  expect(second.authed_user).toBeUndefined();
  expect(await refresh(first.authed_user.refresh_token)).toEqual({ ok: false, error: 'invalid_refresh_token' });
  expect((await refresh(second.refresh_token)).ok).toBe(true);
});

test('with rotateAlways a second use of a refresh token ends the grant', async () => {
  const { url } = await startMock({ rotateAlways: true });
  const first = await installed(url);
  const refresh = async (value: string) =>
    (await token(url, { grant_type: 'refresh_token', refresh_token: value })).body;
  const second = await refresh(first.refresh_token);
  await refresh(first.refresh_token);
  expect(await refresh(second.refresh_token)).toEqual({ ok: false, error: 'invalid_refresh_token' });
  expect((await slackCall(url, second.access_token, 'auth.test')).body.error).toBe('token_revoked');
});

test('without rotation tokens never expire and cannot be refreshed', async () => {
  const { url, clock } = await startMock({ slackTokenRotation: false });
  const answer = await installed(url);
  expect(answer.access_token).toMatch(/^xoxb-/);
  expect([answer.refresh_token, answer.expires_in]).toEqual([undefined, undefined]);
  clock.advance(400 * 86_400_000);
  expect((await slackCall(url, answer.access_token, 'auth.test')).body.ok).toBe(true);
});

test('failures of the token method are ok:false under 200', async () => {
  const { url, clock } = await startMock();
  const codeOf = async () => (await callbackOf(authorizeUrl(url, { scope: SCOPES }))).get('code') ?? '';
  const failure = async (fields: Record<string, string>, headers?: Record<string, string>) => {
    const { status, body } = await token(url, { redirect_uri: CALLBACK, ...fields }, headers);
    return [status, body.ok, body.error];
  };
  expect(await failure({ code: await codeOf() }, basic('client-1', 'wrong-secret'))).toEqual([
    200,
    false,
    'bad_client_secret',
  ]);
  expect(await failure({ code: await codeOf(), client_id: 'client-1' }, {})).toEqual([200, false, 'bad_client_secret']);
  expect(await failure({ code: await codeOf() }, {})).toEqual([200, false, 'invalid_client_id']);
  expect(await failure({ code: await codeOf(), redirect_uri: 'http://localhost:8765/callback' })).toEqual([
    200,
    false,
    'bad_redirect_uri',
  ]);
  expect(await failure({ code: 'x' })).toEqual([200, false, 'invalid_code']);
  const used = await codeOf();
  await token(url, { code: used, redirect_uri: CALLBACK });
  expect(await failure({ code: used })).toEqual([200, false, 'code_already_used']);
  const late = await codeOf();
  clock.advance(600_000);
  expect(await failure({ code: late })).toEqual([200, false, 'invalid_code']);
});

test('a public client exchanges and refreshes with PKCE instead of a secret', async () => {
  const { url } = await startMock();
  const verifier = 'x'.repeat(50);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const pkce = { user_scope: 'users:read', code_challenge: challenge, code_challenge_method: 'S256' };
  const code = (await callbackOf(authorizeUrl(url, pkce))).get('code') ?? '';
  const answer = await token(url, { client_id: 'client-1', code, redirect_uri: CALLBACK, code_verifier: verifier }, {});
  const { refresh_token } = answer.body.authed_user;
  const refreshed = await token(url, { client_id: 'client-1', grant_type: 'refresh_token', refresh_token }, {});
  expect(refreshed.body.ok).toBe(true);
});

test('bearers: none, unknown, expired, revoked, and the two that can be pasted', async () => {
  const { url, clock } = await startMock();
  const bot = (await installed(url)).access_token;
  const error = async (value: string) => {
    const { status, body } = await slackCall(url, value, 'auth.test');
    return [status, body.error];
  };
  expect((await postForm(`${url}/slack/api/auth.test`, {})).body).toEqual({ ok: false, error: 'not_authed' });
  expect(await error('xoxb-nonsense')).toEqual([200, 'invalid_auth']);
  clock.advance(43_200_000);
  expect(await error(bot)).toEqual([200, 'token_expired']);
  expect((await slackCall(url, PASTED_SLACK_TOKENS.bot, 'auth.test')).body).toMatchObject({
    ok: true,
    team_id: 'T00000001',
    user_id: 'U00000009',
  });

  const next = (await installed(url)).access_token;
  expect((await slackCall(url, next, 'auth.revoke', { test: '1' })).body).toEqual({ ok: true, revoked: false });
  expect((await slackCall(url, next, 'auth.revoke')).body).toEqual({ ok: true, revoked: true });
  expect(await error(next)).toEqual([200, 'token_revoked']);
});

test('scopes are enforced and told in the headers; every answer has a request id', async () => {
  const { url } = await startMock();
  const { access_token } = await installed(url, { scope: 'team:read' });
  const answer = await slackCall(url, access_token, 'users.list');
  expect(answer.body).toEqual({ ok: false, error: 'missing_scope', needed: 'users:read', provided: 'team:read' });
  expect(answer.headers.get('x-oauth-scopes')).toBe('team:read');
  expect(answer.headers.get('x-accepted-oauth-scopes')).toBe('users:read');
  expect(answer.headers.get('x-slack-req-id')).toMatch(/^[0-9a-f]{32}$/);
  expect((await slackCall(url, access_token, 'users.fly')).body.error).toBe('unknown_method');
});

test('users are paged by cursor, all of them once, with pages short or empty on the way', async () => {
  const { call } = await connected({ records: 500 });
  const all = await pages((cursor) => call('users.list', { limit: '20', cursor }), 'members');
  expect(new Set(all.flat().map((user) => user['id'])).size).toBe(500);
  expect(all.flat()).toHaveLength(500);
  const sizes = new Set(all.slice(0, -1).map((page) => page.length));
  expect([...sizes].sort((a, b) => a - b)).toEqual([0, 10, 20]);
  expect(all.flat().some((user) => user['deleted'] === true)).toBe(true);
  expect((await call('users.list', { cursor: 'nonsense' })).body.error).toBe('invalid_cursor');
});

test('a big workspace demands a limit of users.list', async () => {
  const { call } = await connected({ records: 1_000_000 });
  expect((await call('users.list')).body.error).toBe('limit_required');
});

test('channels are public unless private ones are asked for, and archived ones can be left out', async () => {
  const { call } = await connected();
  const names = async (fields: Record<string, string>) =>
    (await pages((cursor) => call('conversations.list', { ...fields, cursor }), 'channels'))
      .flat()
      .map((channel) => channel['name']);
  const joined = ['loads', 'dispatch', 'carriers', 'accounting', 'claims', 'after-hours'];
  expect(await names({})).toEqual([...joined, 'foreign-desk', 'archived-desk']);
  expect(await names({ types: 'public_channel,private_channel', exclude_archived: 'true' })).toEqual([
    ...joined,
    'private-desk',
    'foreign-desk',
  ]);
  expect((await call('conversations.list', { types: 'im' })).body).toMatchObject({
    error: 'missing_scope',
    needed: 'im:read',
  });
});

test('history is newest first, bounded by timestamps, and pages to the end', async () => {
  const { call } = await connected();
  const channel = 'C00000001';
  const all = (
    await pages((cursor) => call('conversations.history', { channel, limit: '7', cursor }), 'messages')
  ).flat();
  const stamps = all.map((message) => String(message['ts']));
  expect(stamps).toHaveLength(20);
  expect(stamps).toEqual([...stamps].sort().reverse());
  const [newest = '', , third = '', , fifth = ''] = stamps;
  const between = async (more: Record<string, string>) =>
    (await call('conversations.history', { channel, oldest: fifth, latest: third, ...more })).body.messages.map(
      (message: { ts: string }) => message.ts,
    );
  expect(await between({})).toEqual([stamps[3]]);
  expect(await between({ inclusive: 'true' })).toEqual(stamps.slice(2, 5));
  expect((await call('conversations.history', { channel, oldest: newest })).body).toEqual({
    ok: true,
    messages: [],
    has_more: false,
    pin_count: 0,
  });
});

test('messages of all joined channels together are as many as records; foreign channels are not read', async () => {
  const { call } = await connected({ records: 250 });
  const channels = (await pages((cursor) => call('conversations.list', { cursor }), 'channels')).flat();
  let total = 0;
  for (const { id, is_member } of channels.filter((channel) => channel['is_archived'] === false)) {
    const { body } = await call('conversations.history', { channel: String(id), limit: '999' });
    if (is_member === true) total += body.messages.length;
    else expect(body).toEqual({ ok: false, error: 'not_in_channel' });
  }
  expect(total).toBe(250);
});

test('a thread is its parent and its replies', async () => {
  const { call } = await connected();
  const channel = 'C00000002';
  const { messages } = (await call('conversations.history', { channel, limit: '999' })).body;
  const parent = messages.find((message: { reply_count?: number }) => message.reply_count === 2);
  const thread = (await call('conversations.replies', { channel, ts: parent.ts })).body.messages;
  expect(thread).toHaveLength(3);
  expect(thread[0]).toEqual(parent);
  expect(thread[2]).toMatchObject({ thread_ts: parent.ts, ts: parent.latest_reply });
  expect((await call('conversations.replies', { channel, ts: '1.000100' })).body.error).toBe('thread_not_found');
});

test('an edited message keeps its place, a deleted one is gone, a new one comes first', async () => {
  const { url, call } = await connected();
  const channel = 'C00000001';
  const read = async () => (await call('conversations.history', { channel, limit: '999' })).body.messages;
  const before = await read();
  await control(url, `slack/touch?stream=messages&id=${before[4].ts}`);
  await control(url, `slack/delete?stream=messages&id=${before[6].ts}`);
  const [added] = (await control(url, 'slack/add?stream=messages')).body.ids;
  const after = await read();
  const stamps = before.map((message: { ts: string }) => message.ts);
  expect(after.map((message: { ts: string }) => message.ts)).toEqual([
    added,
    ...stamps.slice(0, 6),
    ...stamps.slice(7),
  ]);
  expect(after[5]).toMatchObject({ ts: stamps[4], edited: { ts: '1767614400.000100' } });
});

test('the members of a channel are paged, as many as the channel says, and follow the controls', async () => {
  const { url, call } = await connected();
  const channel = 'C00000002';
  const read = async () =>
    (await pages((cursor) => call('conversations.members', { channel, limit: '2', cursor }), 'members')).flat();
  const before = await read();
  expect(new Set(before).size).toBe(before.length);
  expect((await call('conversations.info', { channel })).body.channel.num_members).toBe(before.length);
  await control(url, `slack/delete?stream=members:${channel}&id=U00000001`);
  const [added] = (await control(url, `slack/add?stream=members:${channel}`)).body.ids;
  expect(await read()).toEqual([...before.slice(1), added]);
  expect((await call('conversations.members', { channel: 'C09999999' })).body.error).toBe('channel_not_found');
  expect((await call('conversations.members', { channel, cursor: 'x' })).body.error).toBe('invalid_cursor');
});

test('one user is shown as in the list, also one who left; nobody else', async () => {
  const { url, call } = await connected();
  await control(url, 'slack/delete?stream=users&id=U00000003');
  const { members } = (await call('users.list', { limit: '200' })).body;
  for (const user of ['U00000002', 'U00000003']) {
    const listed = members.find(({ id }: { id: string }) => id === user);
    expect((await call('users.info', { user })).body.user).toEqual(listed);
  }
  expect(members.find(({ id }: { id: string }) => id === 'U00000003').deleted).toBe(true);
  expect((await call('users.info', { user: 'U09999999' })).body).toEqual({ ok: false, error: 'user_not_found' });
});

test('a changed channel tells when', async () => {
  const { url, call, clock } = await connected();
  clock.advance(1000);
  await control(url, 'slack/touch?stream=channels&id=C00000002');
  const { channel } = (await call('conversations.info', { channel: 'C00000002' })).body;
  expect([channel.updated, channel.purpose.value]).toEqual([clock.now(), 'purpose 1']);
});

describe('a thread', () => {
  const channel = 'C00000001';
  const threadOf = async (call: Awaited<ReturnType<typeof connected>>['call']) => {
    const { messages } = (await call('conversations.history', { channel, limit: '999' })).body;
    return messages.find((message: { reply_count?: number }) => message.reply_count === 2);
  };
  const stamps = (messages: { ts: string }[]) => messages.map(({ ts }) => ts);

  test('begins with its first message whatever the bounds; a reply by its own ts is alone', async () => {
    const { call } = await connected();
    const { ts } = await threadOf(call);
    const replies = async (fields: Record<string, string>) => (await call('conversations.replies', fields)).body;
    const [parent, first, second] = stamps((await replies({ channel, ts })).messages) as [string, string, string];
    expect(parent).toBe(ts);
    expect(stamps((await replies({ channel, ts, oldest: second, inclusive: 'true' })).messages)).toEqual([ts, second]);
    expect(stamps((await replies({ channel, ts, latest: second })).messages)).toEqual([ts, first]);
    expect((await replies({ channel, ts: first })).messages).toEqual([
      expect.objectContaining({ ts: first, thread_ts: ts, parent_user_id: expect.any(String) }),
    ]);
    expect((await replies({ channel, ts, oldest: 'x' })).error).toBe('invalid_ts_oldest');
  });

  test('grows and shrinks; without replies it is none', async () => {
    const { url, call, clock } = await connected();
    const { ts, latest_reply } = await threadOf(call);
    const state = async () => {
      const { messages } = (await call('conversations.history', { channel, latest: ts, inclusive: 'true', limit: '1' }))
        .body;
      return messages[0];
    };
    clock.advance(1000);
    const [added] = (await control(url, `slack/add?stream=replies:${channel}:${ts}`)).body.ids;
    expect(await state()).toMatchObject({ ts, thread_ts: ts, reply_count: 3, latest_reply: added });
    await control(url, `slack/touch?stream=replies:${channel}:${ts}&id=${added}`);
    expect((await call('conversations.replies', { channel, ts: added })).body.messages[0]).toMatchObject({
      text: 'reply 3 (edited 1)',
    });
    await control(url, `slack/delete?stream=replies:${channel}:${ts}&id=${added}`);
    expect(await state()).toMatchObject({ reply_count: 2, latest_reply });
    expect((await call('conversations.replies', { channel, ts: added })).body.error).toBe('thread_not_found');
    await control(url, `slack/delete?stream=replies:${channel}:${ts}&count=2`);
    expect(await state()).not.toHaveProperty('thread_ts');
  });

  test('stays under a tombstone when its first message is deleted, until the last reply is gone', async () => {
    const { url, call } = await connected();
    const { ts } = await threadOf(call);
    await control(url, `slack/delete?stream=messages&id=${ts}`);
    const read = async () => (await call('conversations.history', { channel, limit: '999' })).body.messages;
    const history = await read();
    expect(stamps(history)).toEqual(stamps(history).sort().reverse());
    const grave = {
      ...{ subtype: 'tombstone', text: 'This message was deleted.', user: 'USLACKBOT', hidden: true },
      ...{ ts, thread_ts: ts, reply_count: 2 },
    };
    expect(history.find((message: { ts: string }) => message.ts === ts)).toMatchObject(grave);
    expect((await call('conversations.replies', { channel, ts })).body.messages[0]).toMatchObject(grave);
    await control(url, `slack/delete?stream=replies:${channel}:${ts}&count=2`);
    expect(stamps(await read())).not.toContain(ts);
    expect((await call('conversations.replies', { channel, ts })).body.error).toBe('thread_not_found');
  });

  test('can send a reply to the channel too, where it has its place by time, page by page', async () => {
    const { url, call } = await connected();
    const { ts } = await threadOf(call);
    const [message] = (await control(url, 'slack/add?stream=messages')).body.ids;
    const sent = (await control(url, `slack/add?stream=broadcasts:${channel}:${ts}&count=3`)).body.ids;
    expect(new Set([message, ...sent]).size).toBe(4);
    const history = (limit: string) =>
      pages((cursor) => call('conversations.history', { channel, limit, cursor }), 'messages');
    const whole = (await history('999')).flat();
    expect(whole.slice(0, 4).map((one) => [one['ts'], one['subtype']])).toEqual([
      ...sent.toReversed().map((one: string) => [one, 'thread_broadcast']),
      [message, undefined],
    ]);
    for (const limit of ['1', '2', '3', '7']) expect((await history(limit)).flat()).toEqual(whole);
    const replies = (await call('conversations.replies', { channel, ts })).body.messages;
    expect(stamps(replies).slice(-3)).toEqual(sent);
  });
});

test('a tier-2 method takes 20 calls a minute for each workspace; 429 tells the seconds to wait', async () => {
  const { url, clock } = await startMock();
  const [first, second] = [
    (await installed(url)).access_token,
    (await installed(url, { scope: SCOPES }, 1)).access_token,
  ];
  for (let request = 0; request < 20; request++) {
    expect((await slackCall(url, first, 'users.list')).status).toBe(200);
    clock.advance(100);
  }
  const refused = await slackCall(url, first, 'users.list');
  expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([
    429,
    '58',
    { ok: false, error: 'ratelimited' },
  ]);
  expect((await slackCall(url, first, 'conversations.list')).status).toBe(200);
  expect((await slackCall(url, second, 'users.list')).status).toBe(200);
  clock.advance(58_000);
  expect((await slackCall(url, first, 'users.list')).status).toBe(200);
});

test('an app outside the Marketplace reads 15 messages once a minute', async () => {
  const { call } = await connected({ slackNonMarketplace: true, rateLimits: true });
  const { body } = await call('conversations.history', { channel: 'C00000001', limit: '200' });
  expect([body.messages.length, body.has_more]).toEqual([15, true]);
  const refused = await call('conversations.history', { channel: 'C00000001' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
});
