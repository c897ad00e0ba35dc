import { describe, expect, test } from 'vitest';
import { classify } from '../../src/providers/slack/classify.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { answer } from './support.ts';

test.each([
  ['token_expired', 'UNAUTHORIZED'],
  ['invalid_auth', 'RECONNECT_REQUIRED'],
  ['token_revoked', 'RECONNECT_REQUIRED'],
  ['account_inactive', 'RECONNECT_REQUIRED'],
  ['not_authed', 'RECONNECT_REQUIRED'],
  ['org_login_required', 'RECONNECT_REQUIRED'],
  ['not_in_channel', 'FORBIDDEN'],
  ['channel_not_found', 'NOT_FOUND'],
  ['ratelimited', 'RATE_LIMITED'],
  ['internal_error', 'SERVER_ERROR'],
  ['fatal_error', 'SERVER_ERROR'],
  ['request_timeout', 'SERVER_ERROR'],
  ['service_unavailable', 'SERVER_ERROR'],
  ['invalid_cursor', 'BAD_REQUEST'],
  ['some_new_word', 'PROVIDER_REFUSED'],
  ['__proto__', 'PROVIDER_REFUSED'],
])('%s under 200 is %s', (error, code) => {
  const refresh = error === 'token_expired' ? { refresh: true } : {};
  expect(classify(answer(200, { ok: false, error }, { 'x-slack-req-id': 'r1' }))).toEqual({
    code,
    providerCode: error,
    message: error,
    requestId: 'r1',
    ...refresh,
  });
});

test.each(slack.faultCodes)('$code is what the reference says', ({ code, error }) => {
  for (const status of [200, 403]) expect(classify(answer(status, { ok: false, error: code }))?.code).toBe(error);
});

test('a missing scope is named', () => {
  const body = { ok: false, error: 'missing_scope', needed: 'channels:history', provided: 'chat:write' };
  expect(classify(answer(200, body))).toEqual({
    code: 'FORBIDDEN',
    providerCode: 'missing_scope',
    message: 'missing_scope: it needs channels:history; the token has chat:write',
  });
});

test('what Slack adds in words is passed on', () => {
  const body = {
    ok: false,
    error: 'invalid_arguments',
    response_metadata: { messages: ['[ERROR] missing required field: channel'] },
  };
  expect(classify(answer(200, body))?.message).toBe('invalid_arguments; [ERROR] missing required field: channel');
});

test('the seconds in the body of a throttled incoming webhook are read', () => {
  expect(classify(answer(429, { retry_after: 1, ok: false, error: 'rate_limited' }))).toEqual({
    code: 'RATE_LIMITED',
    providerCode: 'rate_limited',
    message: 'rate_limited',
    retryAfterMs: 1000,
  });
});

test('an outage page is left to its status', () => {
  expect(classify(answer(503, '<html>down</html>'))).toBeUndefined();
});

test('a failure is seen however the JSON is spaced, a success however long it is', () => {
  expect(classify(answer(200, '{ "error": "fatal_error",\n "ok" : false }'))?.code).toBe('SERVER_ERROR');
  expect(classify(answer(200, { ok: true, error: 'x', filler: 'x'.repeat(1000) }))).toBeUndefined();
});

describe('limits', () => {
  test.each([
    ['/users.list', 'tier2:users.list'],
    ['/conversations.list?limit=1', 'tier2:conversations.list'],
    ['/conversations.history', 'tier3:conversations.history'],
    ['/conversations.members', 'tier4:conversations.members'],
    ['auth.test', 'special:auth.test'],
    ['/chat.postMessage', 'post-message:chat.postMessage'],
    ['/something.new', 'tier2:something.new'],
  ])('%s counts against %s', (path, expected) => {
    expect(slack.limitsFor('GET', path)).toEqual([expected]);
  });
});

test('methods that read may be repeated though they are posted, others not', () => {
  expect(slack.api.repeatable?.('POST', '/conversations.history')).toBe(true);
  expect(slack.api.repeatable?.('POST', '/chat.postMessage')).toBe(false);
});

test('tokens of every kind are taken out of a text', () => {
  const x = 'xo';
  const text = `${x}xb-1-abcd ${x}xe.${x}xp-1-abcd ${x}xe-1-abcd xapp-1-abcd words`;
  expect(slack.redact.reduce((result, pattern) => result.replace(pattern, '*'), text)).toBe('* * * * words');
});
