import type { JobKind, JobQueue } from '../jobs.ts';
import type { QueueSettings } from './boss.ts';

const SECOND = 1;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/**
 * All in seconds. A claim lapses when its process has not said for `heartbeatSeconds` that it lives (pg-boss takes no less than 10); the longest claim that
 * pg-boss allows is a day. Attempts are not counted out here: whoever works on a job says when it has failed for good.
 */
const EVERY = { heartbeatSeconds: 12, expireInSeconds: DAY, retryLimit: 1000 };

/** What somebody asked for: tried again after 5 s, 10 s, … 5 min, and remembered for two weeks. */
const ASKED = {
  ...EVERY,
  ...{ retryBackoff: true, retryDelay: 5, retryDelayMax: 300 },
  ...{ deleteAfterSeconds: 14 * DAY, retentionSeconds: 14 * DAY },
};

const SETTINGS: Readonly<Record<JobKind, QueueSettings>> = {
  apply: { ...EVERY, policy: 'stately', retryDelay: 1, deleteAfterSeconds: 60, retentionSeconds: HOUR },
  poll: { ...EVERY, policy: 'exclusive', retryDelay: 1, deleteAfterSeconds: HOUR, retentionSeconds: DAY },
  sync: { ...ASKED, policy: 'short' },
  replay: { ...ASKED, policy: 'standard' },
};

const JOB_KINDS = Object.keys(SETTINGS) as readonly JobKind[];

/** What a queue is made with. Its policy says what a key may be there for only once: see `NewJob.key`. */
export const queueSettings = (kind: JobKind): QueueSettings => SETTINGS[kind];

/** The name of a queue in the database. */
export const queueName = ({ kind, provider }: JobQueue): string => `${kind}.${provider}`;

/** The queue of this name; undefined: it is of a newer lwi. */
export function queueOf(name: string): JobQueue | undefined {
  const at = name.indexOf('.');
  const kind = JOB_KINDS.find((each) => each === name.slice(0, at));
  return kind && { kind, provider: name.slice(at + 1) };
}
