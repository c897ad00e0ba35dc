import { carrierName, lane, load, personName } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';
import type { TimelineRow } from '../timeline.ts';
import { timestampOf } from './timestamp.ts';
import { AUTHED_USER, BOT_USER, type Channel, userId, type Workspace } from './workspace.ts';

export function renderUser({ id: team, seed }: Workspace, row: TimelineRow): Record<string, unknown> {
  const { given, family } = personName(seed, row.index);
  const name = `${given}.${family}${row.index}`.toLowerCase();
  const isBot = userId(row.index) === BOT_USER;
  const profile = {
    real_name: `${given} ${family}`,
    display_name: given,
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
  const { id, name, isPrivate, isArchived, isMember } = channel;
  const flags = { is_channel: !isPrivate, is_group: isPrivate, is_im: false, is_mpim: false, is_private: isPrivate };
  const texts = {
    topic: { value: name, creator: AUTHED_USER, last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
  const head = {
    id,
    name,
    name_normalized: name,
    ...flags,
    is_archived: isArchived,
    is_member: isMember,
    creator: AUTHED_USER,
  };
  return {
    ...head,
    is_general: false,
    context_team_id: workspace.id,
    ...texts,
    num_members: 3 + (hashOf(workspace.seed, 8, id.length) % 9),
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

/** Each tenth message has a thread of two replies. */
const hasThread = (row: TimelineRow) => row.index % 10 === 5;

export function renderMessage(workspace: Workspace, row: TimelineRow): Record<string, unknown> {
  const { seed, id: team } = workspace;
  const shipment = load(seed, row.index);
  const text = `load ${shipment.number} ${lane(shipment)} ${pick(SAYINGS, hashOf(seed, 9, row.index))} ${carrierName(seed, row.index)}`;
  const ts = timestampOf(row.at);
  const user = userId(hashOf(seed, 10, row.index) % 9);
  const edited = row.version > 0 ? { edited: { user, ts: timestampOf(row.changedAt) } } : {};
  const said = {
    type: 'message',
    user,
    text: row.version > 0 ? `${text} (edited ${row.version})` : text,
    ts,
    team,
    ...edited,
  };
  if (!hasThread(row)) return said;
  const thread = {
    thread_ts: ts,
    reply_count: 2,
    reply_users_count: 1,
    latest_reply: timestampOf(row.at + 2000),
    reply_users: [AUTHED_USER],
  };
  return { ...said, ...thread };
}

export function renderReplies(workspace: Workspace, row: TimelineRow): Record<string, unknown>[] {
  if (!hasThread(row)) return [];
  const parent = { thread_ts: timestampOf(row.at), parent_user_id: userId(hashOf(workspace.seed, 10, row.index) % 9) };
  return ['on it', 'done'].map((text, number) => {
    return {
      type: 'message',
      user: AUTHED_USER,
      text,
      ts: timestampOf(row.at + 1000 * (number + 1)),
      team: workspace.id,
      ...parent,
    };
  });
}
