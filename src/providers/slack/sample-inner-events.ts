import type { Random } from '../../clock.ts';
import { randomUuid } from '../webhook-samples.ts';

/** What an event is made of. */
export interface Parts {
  readonly team: string;
  /** Of the moment. */
  readonly ts: string;
  /** Of a message some minutes ago. */
  readonly earlier: string;
  /** Epoch seconds. */
  readonly seconds: number;
  readonly random: Random;
}

interface InnerEvent {
  readonly about: string;
  /** Absent: its name on the command line. */
  readonly type?: string;
  make(parts: Parts): Readonly<Record<string, unknown>>;
}

export const USER = 'U00000001';
const OTHER_USER = 'U00000002';
const CHANNEL = 'C00000001';
const IN_CHANNEL = { channel: CHANNEL, channel_type: 'channel' };

/** What stands under `event`, but for its type and `event_ts`. Source: docs.slack.dev/reference/events, and its page for each. */
export const INNER_EVENTS: Readonly<Record<string, InnerEvent>> = {
  message: {
    about: 'a message was posted to a channel',
    make: (parts) => ({ ...message(parts, parts.ts), ...IN_CHANNEL }),
  },
  message_reply: {
    about: 'a message was posted to a thread',
    type: 'message',
    make: (parts) => ({
      ...message(parts, parts.ts),
      ...{ thread_ts: parts.earlier, parent_user_id: OTHER_USER },
      ...IN_CHANNEL,
    }),
  },
  message_changed: {
    about: 'a message was edited',
    type: 'message',
    make: (parts) => ({
      ...{ subtype: 'message_changed', hidden: true },
      message: {
        ...former(parts),
        text: 'load 4411 covered (edited)',
        edited: { user: USER, ts: `${parts.seconds}.000000` },
      },
      previous_message: former(parts),
      ts: parts.ts,
      ...IN_CHANNEL,
    }),
  },
  message_deleted: {
    about: 'a message was deleted',
    type: 'message',
    make: (parts) => ({
      ...{ subtype: 'message_deleted', hidden: true, deleted_ts: parts.earlier },
      previous_message: former(parts),
      ts: parts.ts,
      ...IN_CHANNEL,
    }),
  },
  member_joined_channel: {
    about: 'a person joined a channel',
    make: (parts) => ({ ...membership(parts), inviter: OTHER_USER }),
  },
  member_left_channel: { about: 'a person left a channel', make: membership },
  channel_created: {
    about: 'a channel was created',
    make: ({ seconds }) => ({ channel: { id: CHANNEL, name: 'new-lane', created: seconds, creator: USER } }),
  },
  channel_rename: {
    about: 'a channel was renamed',
    make: ({ seconds }) => ({ channel: { id: CHANNEL, name: 'renamed-lane', created: seconds - 86_400 } }),
  },
  channel_archive: { about: 'a channel was archived', make: () => ({ channel: CHANNEL, user: USER }) },
  channel_unarchive: {
    about: 'a channel was taken out of the archive',
    make: () => ({ channel: CHANNEL, user: USER }),
  },
  channel_deleted: { about: 'a channel was deleted', make: () => ({ channel: CHANNEL }) },
  channel_left: { about: 'the app left a channel, or was removed from it', make: () => ({ channel: CHANNEL }) },
  user_change: {
    about: "a person's profile was changed",
    make: (parts) => ({ user: person(parts), cache_ts: parts.seconds }),
  },
  team_join: {
    about: 'a person joined the workspace',
    make: (parts) => ({ user: person(parts), cache_ts: parts.seconds }),
  },
  reaction_added: { about: 'a reaction was added to a message', make: reaction },
  reaction_removed: { about: 'a reaction was taken off a message', make: reaction },
  app_mention: {
    about: 'the app was mentioned in a message',
    make: (parts) => ({ ...message(parts, parts.ts), text: '<@U0000000B> is load 4411 covered?', channel: CHANNEL }),
  },
  tokens_revoked: {
    about: 'tokens of the app were revoked; it names their people',
    make: () => ({ tokens: { oauth: [USER], bot: [] } }),
  },
  app_uninstalled: { about: 'the app was taken off the workspace', make: () => ({}) },
};

function message({ team, random }: Parts, ts: string) {
  return { user: USER, text: 'load 4411 covered', ts, client_msg_id: randomUuid(random), team };
}

/** The message that another event is about. */
function former(parts: Parts) {
  return { type: 'message', ...message(parts, parts.earlier) };
}

function membership({ team }: Parts) {
  return { user: USER, channel: CHANNEL, channel_type: 'C', team };
}

function reaction({ earlier }: Parts) {
  const item = { type: 'message', channel: CHANNEL, ts: earlier };
  return { user: OTHER_USER, reaction: 'thumbsup', item_user: USER, item };
}

function person({ team, seconds }: Parts) {
  return {
    ...{ id: USER, team_id: team, name: 'pat', deleted: false, real_name: 'Pat Example', tz: 'America/Chicago' },
    profile: { real_name: 'Pat Example', display_name: 'pat', email: 'pat@example.com', team },
    ...{ is_admin: false, is_owner: false, is_restricted: false, is_bot: false, is_app_user: false, updated: seconds },
  };
}
