import { createTimeline } from '../computed-timeline.ts';
import { hashOf, pick } from '../seeded-random.ts';
import { type MockSettings, pastOf } from '../settings.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { createThreads, type Threads } from './thread.ts';

/** The two workspaces that the authorization page offers. */
export const WORKSPACES = [
  { id: 'T00000001', name: 'Laneweaver Dispatch' },
  { id: 'T00000002', name: 'Laneweaver Billing' },
] as const;

/** The person who approves, and the bot user of the app. */
export const AUTHED_USER = 'U00000001';
export const BOT_USER = 'U00000009';
export const BOT_ID = 'B00000001';

/** A channel with what is said in it; messages are only in channels that the bot has joined. */
export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly isMember: boolean;
  /** When it was made and changed. */
  readonly row: TimelineRow;
  readonly messages: Timeline;
  readonly threads: Threads;
  /** Row number `n` is user number `n`. */
  readonly members: Timeline;
}

/** People, channels and messages of one workspace. */
export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly users: Timeline;
  readonly channelRows: Timeline;
  /** Live channels, oldest first. */
  channels(): readonly Channel[];
  channel(id: string): Channel | undefined;
}

const TOPICS = ['loads', 'dispatch', 'carriers', 'accounting', 'claims', 'after-hours', 'tracking', 'appointments'];
const numbered = (letter: string) => (index: number) => `${letter}${String(index + 1).padStart(8, '0')}`;
export const userId = numbered('U');
export const channelId = numbered('C');
const indexOf = (letter: string) => (id: string) =>
  new RegExp(`^${letter}\\d{8,}$`).test(id) ? Number(id.slice(1)) - 1 : undefined;
export const indexOfUser = indexOf('U');
export const indexOfChannel = indexOf('C');

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
  const contents = new Map<number, Pick<Channel, 'messages' | 'threads' | 'members'>>();

  const contentOf = (index: number) => {
    const count = index < joined ? Math.floor((records + joined - 1 - index) / joined) : 0;
    const content = contents.get(index) ?? {
      messages: createTimeline({ ...past, count, fixed: true }),
      threads: createThreads(count),
      members: createTimeline({ ...past, count: Math.min(records, 3 + (hashOf(seed, 8, index) % 9)), fixed: true }),
    };
    contents.set(index, content);
    return content;
  };

  const channelOf = (row: TimelineRow): Channel => {
    const { index } = row;
    const special = index >= joined && index < base ? ['private', 'foreign', 'archived'][index - joined] : undefined;
    return {
      id: channelId(index),
      name:
        special === undefined ? `${pick(TOPICS, index)}${index < TOPICS.length ? '' : `-${index}`}` : `${special}-desk`,
      isPrivate: special === 'private',
      isArchived: special === 'archived',
      isMember: special !== 'foreign' && special !== 'archived',
      row,
      ...contentOf(index),
    };
  };

  return {
    id,
    name,
    seed,
    users,
    channelRows,
    channels: () => channelRows.select({}, 0, Infinity).map(channelOf),
    channel(wanted) {
      const index = indexOfChannel(wanted);
      const row = index === undefined ? undefined : channelRows.find(index);
      return row === undefined || row.deleted ? undefined : channelOf(row);
    },
  };
}
