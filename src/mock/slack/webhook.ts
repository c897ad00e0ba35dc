import { createHmac } from 'node:crypto';
import type { SignedEvent } from '../provider-fake.ts';
import type { MockSettings } from '../settings.ts';
import { timestampOf } from './timestamp.ts';
import { AUTHED_USER, WORKSPACES } from './workspace.ts';

type InnerEvent = (ts: string, parameters: URLSearchParams) => Record<string, unknown>;

/** Inner events by name; each is what Slack puts under `event` (docs.slack.dev, Events API). `id` and `channel` say what it is about. */
const EVENTS: Readonly<Record<string, InnerEvent>> = {
  message: (ts, parameters) => ({
    type: 'message',
    channel: parameters.get('channel') ?? 'C00000001',
    user: AUTHED_USER,
    text: parameters.get('text') ?? 'load 4411 covered',
    ts: parameters.get('id') ?? ts,
    event_ts: parameters.get('id') ?? ts,
    channel_type: 'channel',
  }),
  message_changed: (ts, parameters) => ({
    type: 'message',
    subtype: 'message_changed',
    channel: parameters.get('channel') ?? 'C00000001',
    message: { type: 'message', user: AUTHED_USER, text: 'load 4411 covered (edited)', ts: parameters.get('id') ?? ts },
    ts,
    event_ts: ts,
  }),
  message_deleted: (ts, parameters) => ({
    type: 'message',
    subtype: 'message_deleted',
    hidden: true,
    channel: parameters.get('channel') ?? 'C00000001',
    deleted_ts: parameters.get('id') ?? ts,
    ts,
    event_ts: ts,
    channel_type: 'channel',
  }),
  member_joined_channel: membership('member_joined_channel'),
  member_left_channel: membership('member_left_channel'),
  channel_rename: (ts, parameters) => ({
    type: 'channel_rename',
    channel: { id: parameters.get('id') ?? 'C00000001', name: 'new-lane', created: Math.floor(Number.parseFloat(ts)) },
    event_ts: ts,
  }),
  channel_created: (ts) => ({
    type: 'channel_created',
    channel: { id: 'C00000099', name: 'new-lane', created: Math.floor(Number.parseFloat(ts)), creator: AUTHED_USER },
    event_ts: ts,
  }),
  user_change: (ts, parameters) => ({
    type: 'user_change',
    user: { id: parameters.get('id') ?? AUTHED_USER, updated: Math.floor(Number.parseFloat(ts)) },
    event_ts: ts,
  }),
  tokens_revoked: (ts) => ({ type: 'tokens_revoked', tokens: { oauth: [AUTHED_USER], bot: [] }, event_ts: ts }),
  app_uninstalled: (ts) => ({ type: 'app_uninstalled', event_ts: ts }),
};

/**
 * `event` is one of the above (default `message`), `url_verification` or `app_rate_limited`. Signed as v0 over time and body, by the
 * mock's clock (bolt-js `verify-request.ts`). Repeats carry Slack's retry headers and the same body.
 */
export function slackEvent(
  settings: MockSettings,
  nextNumber: () => number,
  parameters: URLSearchParams,
): SignedEvent | undefined {
  const name = parameters.get('event') ?? 'message';
  const now = settings.clock.now();
  const seconds = Math.floor(now / 1000);
  const team = parameters.get('tenant') ?? WORKSPACES[0].id;
  const wrapper = { token: 'x', team_id: team, api_app_id: 'A00000001' };
  const make = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  const content =
    name === 'url_verification'
      ? { token: 'x', challenge: `challenge-${nextNumber()}`, type: name }
      : name === 'app_rate_limited'
        ? { ...wrapper, type: name, minute_rate_limited: seconds - (seconds % 60) }
        : make && {
            ...wrapper,
            event: make(timestampOf(now), parameters),
            type: 'event_callback',
            event_id: `Ev${String(nextNumber()).padStart(8, '0')}`,
            event_time: seconds,
          };
  if (content === undefined) return undefined;
  const body = JSON.stringify(content);
  const signature = createHmac('sha256', settings.webhookSecrets['slack'] ?? '')
    .update(`v0:${seconds}:${body}`)
    .digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': String(seconds),
      'x-slack-signature': `v0=${signature}`,
    },
    retryHeaders: (attempt) => ({ 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': 'http_timeout' }),
  };
}

function membership(type: string): InnerEvent {
  return (ts, parameters) => ({
    type,
    user: parameters.get('id') ?? AUTHED_USER,
    channel: parameters.get('channel') ?? 'C00000001',
    channel_type: 'C',
    team: WORKSPACES[0].id,
    event_ts: ts,
  });
}
