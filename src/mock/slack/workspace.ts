import { createTimeline } from '../computed-timeline.ts';
import { type FakeStream, sameStream } from '../provider-fake.ts';
import { hashOf, pick } from '../seeded-random.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { microsecondsOf, timestampOf } from './timestamp.ts';

/** The two workspaces that the authorization page offers. */
export const WORKSPACES = [
  { id: 'T00000001', name: 'Laneweaver Dispatch' },
  { id: 'T00000002', name: 'Laneweaver Billing' },
] as const;

/** The person who approves, and the bot user of the app. */
export const AUTHED_USER = 'U00000001';
export const BOT_USER = 'U00000009';

/** A channel with what is said in it; messages are only in channels that the bot has joined. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly isMember: boolean;
  readonly messages: Timeline;
}

/** People, channels and messages of one workspace. */
export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly users: Timeline;
  /** Live channels, oldest first. */
  channels(): readonly Channel[];
  channel(id: string): Channel | undefined;
  stream(name: string): FakeStream | undefined;
}

const TOPICS = ['loads', 'dispatch', 'carriers', 'accounting', 'claims', 'after-hours', 'tracking', 'appointments'];
const numbered = (letter: string) => (index: number) => `${letter}${String(index + 1).padStart(8, '0')}`;
export const userId = numbered('U');
const channelId = numbered('C');
const indexOf = (letter: string) => (id: string) =>
  new RegExp(`^${letter}\\d{8,}$`).test(id) ? Number(id.slice(1)) - 1 : undefined;

/**
 * As many users as records; as many messages, spread over one joined channel for each twenty (4 to 200); and a private, a foreign and
 * an archived channel, which hold none.
 */
export function createWorkspace(settings: MockSettings, id: string, name: string): Workspace {
  const { records } = settings;
  const seed = hashOf(settings.seed, Number(id.slice(1)));
  const past = pastOf(settings.clock.now());
  const joined = Math.min(200, Math.max(4, Math.ceil(records / 20)));
  const users = createTimeline({ ...past, count: records, granularityMs: 1000, fixed: true });
  const base = joined + 3;
  const channelRows = createTimeline({ ...past, count: base, granularityMs: 1000, fixed: true });
  const messages = new Map<number, Timeline>();

  const channelAt = (index: number): Channel => {
    const special = index >= joined && index < base ? ['private', 'foreign', 'archived'][index - joined] : undefined;
    const count = index < joined ? Math.floor((records + joined - 1 - index) / joined) : 0;
    const timeline = messages.get(index) ?? createTimeline({ ...past, count, fixed: true });
    messages.set(index, timeline);
    return {
      id: channelId(index),
      name:
        special === undefined ? `${pick(TOPICS, index)}${index < TOPICS.length ? '' : `-${index}`}` : `${special}-desk`,
      isPrivate: special === 'private',
      isArchived: special === 'archived',
      isMember: special !== 'foreign' && special !== 'archived',
      messages: timeline,
    };
  };
  const indexOfChannel = indexOf('C');

  return {
    id,
    name,
    seed,
    users,
    channels: () => channelRows.select({}, 0, Infinity).map((row) => channelAt(row.index)),
    channel(wanted) {
      const index = indexOfChannel(wanted);
      const row = index === undefined ? undefined : channelRows.find(index);
      return row === undefined || row.deleted ? undefined : channelAt(row.index);
    },
    stream(wanted) {
      const common = { onDelete: 'remove', addStepMs: 1 } as const;
      if (sameStream(wanted, 'users')) return { ...common, timeline: users, idOf: userId, indexOf: indexOf('U') };
      if (sameStream(wanted, 'channels'))
        return { ...common, timeline: channelRows, idOf: channelId, indexOf: indexOfChannel };
      if (!sameStream(wanted.split(':')[0] ?? '', 'messages')) return undefined;
      // `messages` is the first channel, `messages:C00000003` another one.
      const channel = this.channel(wanted.split(':')[1] ?? channelId(0));
      if (channel === undefined) return undefined;
      const idOf = (index: number) => timestampOf(channel.messages.find(index)?.at ?? 0);
      return { ...common, timeline: channel.messages, idOf, indexOf: (ts) => findMessage(channel, ts)?.index };
    },
  };
}

/** The message of a channel that a timestamp names. */
export function findMessage(channel: Channel, timestamp: string): TimelineRow | undefined {
  const microseconds = microsecondsOf(timestamp);
  if (microseconds === undefined || microseconds % 1000 !== 100) return undefined;
  const at = (microseconds - 100) / 1000;
  return channel.messages.select({ from: at, to: at }, 0, 1)[0];
}
