import { carrierName, lane, load, personName } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';
import type { TimelineRow } from '../timeline.ts';
import { repliesOf, replyTimestamp, type Thread } from './thread.ts';
import { timestampOf } from './timestamp.ts';
import { AUTHED_USER, BOT_ID, BOT_USER, type Channel, userId, type Workspace } from './workspace.ts';

const TITLES = ['Dispatcher', 'Carrier sales', 'Accounting', 'Track and trace'];

export function renderUser({ id: team, seed }: Workspace, row: TimelineRow): Record<string, unknown> {
  const { given, family } = personName(seed, row.index);
  const name = `${given}.${family}${row.index}`.toLowerCase();
  const isBot = userId(row.index) === BOT_USER;
  const profile = {
    real_name: `${given} ${family}`,
    display_name: given,
    title: pick(TITLES, row.index),
    team,
    ...(isBot ? {} : { email: `${name}@example.com` }),
  };
  const core = {
    id: userId(row.index),
    team_id: team,
    name,
    deleted: row.deleted || row.index % 25 === 24,
    real_name: `${given} ${family}`,
  };
  const flags = { is_bot: isBot, is_app_user: false, is_admin: row.index === 0 };
  return { ...core, tz: 'America/Chicago', profile, ...flags, updated: Math.floor(row.changedAt / 1000) };
}

export function renderChannel(workspace: Workspace, channel: Channel): Record<string, unknown> {
  const { id, name, isPrivate, isArchived, isMember, row } = channel;
  const flags = { is_channel: !isPrivate, is_group: isPrivate, is_im: false, is_mpim: false, is_private: isPrivate };
  const texts = {
    topic: { value: name, creator: AUTHED_USER, last_set: 0 },
    purpose: { value: row.version > 0 ? `purpose ${row.version}` : '', creator: '', last_set: 0 },
  };
  const head = {
    id,
    name,
    name_normalized: name,
    ...flags,
    is_archived: isArchived,
    is_member: isMember,
    creator: AUTHED_USER,
    created: Math.floor(row.createdAt / 1000),
    // Milliseconds, although everything else is in seconds.
    updated: row.changedAt,
  };
  return {
    ...head,
    is_general: false,
    context_team_id: workspace.id,
    ...texts,
    num_members: channel.members.count({}),
  };
}

const SAYINGS = [
  'covered by',
  'offered to',
  'picked up by',
  'running late with',
  'delivered by',
  'rate confirmed with',
];

/** Each twelfth message is from the app itself. */
const isFromBot = (row: TimelineRow) => row.index % 12 === 11;

/** A message as a channel's history has it: with the state of its thread, or, deleted although it has replies, as a tombstone. */
export function renderMessage(workspace: Workspace, channel: Channel, row: TimelineRow): Record<string, unknown> {
  const thread = channel.threads.of(row);
  if (row.deleted) return tombstone(workspace, thread, row);
  const { seed, id: team } = workspace;
  const shipment = load(seed, row.index);
  const text = `load ${shipment.number} ${lane(shipment)} ${pick(SAYINGS, hashOf(seed, 9, row.index))} ${carrierName(seed, row.index)}`;
  const user = authorOf(workspace, row);
  return {
    type: 'message',
    user,
    ...(isFromBot(row) ? { bot_id: BOT_ID, app_id: 'A00000001' } : {}),
    text: row.version > 0 ? `${text} (edited ${row.version})` : text,
    ts: timestampOf(row.at),
    team,
    ...(row.version > 0 ? { edited: { user, ts: timestampOf(row.changedAt) } } : {}),
    ...threadState(thread, row),
  };
}

/** A reply; one that was sent to the channel too has the subtype for it. */
export function renderReply(workspace: Workspace, thread: Thread, parent: TimelineRow, row: TimelineRow) {
  const text = ['on it', 'done'][row.index] ?? `reply ${row.index + 1}`;
  return {
    ...(thread.broadcasts.has(row.index) ? { subtype: 'thread_broadcast' } : {}),
    type: 'message',
    user: AUTHED_USER,
    text: row.version > 0 ? `${text} (edited ${row.version})` : text,
    ts: replyTimestamp(thread, row),
    team: workspace.id,
    ...(row.version > 0 ? { edited: { user: AUTHED_USER, ts: timestampOf(row.changedAt) } } : {}),
    thread_ts: timestampOf(parent.at),
    parent_user_id: parent.deleted ? 'USLACKBOT' : authorOf(workspace, parent),
  };
}

/** What is left of a deleted message that has replies (hackclub/toriel #238). */
function tombstone(workspace: Workspace, thread: Thread, row: TimelineRow): Record<string, unknown> {
  const said = { subtype: 'tombstone', text: 'This message was deleted.', user: 'USLACKBOT', hidden: true };
  return {
    ...{ type: 'message', ...said, ts: timestampOf(row.at), team: workspace.id },
    ...{ parent_user_id: 'USLACKBOT', ...threadState(thread, row), is_locked: false, subscribed: false },
  };
}

/** A message without replies has none of this. */
function threadState(thread: Thread, row: TimelineRow): Record<string, unknown> {
  const replies = repliesOf(thread);
  const latest = replies.at(-1);
  if (latest === undefined) return {};
  return {
    thread_ts: timestampOf(row.at),
    reply_count: replies.length,
    reply_users_count: 1,
    latest_reply: replyTimestamp(thread, latest),
    reply_users: [AUTHED_USER],
  };
}

function authorOf({ seed }: Workspace, row: TimelineRow): string {
  return isFromBot(row) ? BOT_USER : userId(hashOf(seed, 10, row.index) % 9);
}
