import { createTimeline } from '../computed-timeline.ts';
import type { Timeline, TimelineRow } from '../timeline.ts';
import { FIRST_SERIAL, timestampOf } from './timestamp.ts';

/** The replies to one message, oldest first. */
export interface Thread {
  /** Index of the message within its channel. */
  readonly parent: number;
  readonly replies: Timeline;
  /** Indices of replies that were sent to the channel too. */
  readonly broadcasts: ReadonlySet<number>;
}

/** The threads of one channel; what the controls change is held, everything else computed. */
export interface Threads {
  of(parent: TimelineRow): Thread;
  /** The thread of a message, to be changed. */
  hold(parent: TimelineRow): HeldThread;
  /** Threads that were changed. */
  held(): readonly HeldThread[];
}

interface HeldThread extends Thread {
  readonly broadcasts: Set<number>;
}

/** Each tenth of the first `messages` messages has two replies. */
export function createThreads(messages: number): Threads {
  const changed = new Map<number, HeldThread>();
  const computed = ({ index, createdAt }: TimelineRow): HeldThread => {
    const count = index < messages && index % 10 === 5 ? 2 : 0;
    const replies = createTimeline({ count, start: createdAt, end: createdAt + count * 1000, fixed: true });
    return { parent: index, replies, broadcasts: new Set() };
  };
  return {
    of: (parent) => changed.get(parent.index) ?? computed(parent),
    hold(parent) {
      const thread = changed.get(parent.index) ?? computed(parent);
      changed.set(parent.index, thread);
      return thread;
    },
    held: () => [...changed.values()],
  };
}

/** The timestamp of a reply: no other message of its channel has the same, even in the same millisecond. */
export function replyTimestamp({ parent }: Thread, row: TimelineRow): string {
  return timestampOf(row.at, FIRST_SERIAL + 1 + (parent % 899));
}

/** The live replies of a thread. */
export function repliesOf({ replies }: Thread): readonly TimelineRow[] {
  return replies.select({}, 0, Infinity);
}
