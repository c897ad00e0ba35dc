import type { LwiError } from '../errors.ts';

/**
 * What a job does. `apply`: works off the deliveries of one connection that are due; `poll`: polls one connection on its interval; `sync`: a run that somebody
 * asked for, by hand or by an event; `replay`: sends one event of the inbox once more.
 */
export type JobKind = 'apply' | 'poll' | 'sync' | 'replay';

/** Jobs that are claimed together: whoever does not know a provider leaves its jobs to others. */
export interface JobQueue {
  readonly kind: JobKind;
  readonly provider: string;
}

export interface NewJob extends JobQueue {
  readonly account: string;
  /**
   * What may be there only once: `apply`, one that waits and one that is worked on; `poll`, one that waits or is worked on; `sync`, one that waits.
   * Absent is a key like any other, but for `replay`, of which there may be any number.
   */
  readonly key?: string | undefined;
  /** What is to be done; becomes JSON. */
  readonly order?: object | undefined;
  /** Not before this has passed, ms by the clock of the queue. */
  readonly inMs?: number | undefined;
  /** How long it is remembered once it is done, ms. Absent: as its kind needs. */
  readonly keepMs?: number | undefined;
}

/** A job that this process has claimed. */
export interface Job extends JobQueue {
  readonly id: string;
  readonly account: string;
  readonly key: string | undefined;
  readonly order: Readonly<Record<string, unknown>>;
  /** How often it was claimed before. */
  readonly attempt: number;
  /** How long before this claim it was made, ms by the clock of the queue. */
  readonly ageMs: number;
}

/**
 * How a claim ends. `failed`: tried again after a pause, or never. `returned`: nothing came of it, whoever has room takes it at once.
 */
export type JobEnd =
  | { readonly state: 'done'; readonly outcome?: string | undefined }
  | { readonly state: 'failed'; readonly error: LwiError; readonly again: boolean }
  | { readonly state: 'returned' };

/** What the queue knows of the polls of one connection. */
export interface PollLane {
  /** One waits or is worked on. */
  readonly live: boolean;
  /** When the one that waits is due, ms from now; negative: it was due. Absent: none waits. */
  readonly dueInMs?: number | undefined;
  /** How many failed in a row before the one that waits, as its order says. Absent: none waits. */
  readonly failures?: number | undefined;
  /** How long ago the last one ended, and the last one whose outcome was `done`, ms. Absent: none that is remembered. */
  readonly endedAgoMs?: number | undefined;
  readonly doneAgoMs?: number | undefined;
}

/**
 * Work that several machines share: a job is kept until it is done, and claimed by one process at a time. The claim ends when its process no longer says that it
 * lives (`beat`), and another one gets the job. It is a schedule, never a right: what must not be done twice is held by a right of the store. Throws LwiError of
 * the `storage` category.
 */
export interface Jobs {
  /** Gives the ids of those that were made: one whose key is taken is left out. */
  add(jobs: readonly NewJob[]): Promise<readonly string[]>;
  /** The one that waits under a key and was not tried yet; undefined: there is none. */
  waiting(queue: JobQueue, key: string): Promise<string | undefined>;
  /** Queues in which something may be claimed now. */
  due(): Promise<readonly JobQueue[]>;
  /** Claims at most `most`, those that have waited longest. */
  claim(queue: JobQueue, most: number): Promise<readonly Job[]>;
  /** Says that this process lives and is at these; gives those that are no longer its own. To be called every few seconds. */
  beat(jobs: readonly Job[]): Promise<readonly Job[]>;
  /** Ends a claim. Does nothing where it is no longer one's own. */
  finish(job: Job, end: JobEnd): Promise<void>;
  /** By key, of those that are known. */
  polls(queues: readonly JobQueue[], keys: readonly string[]): Promise<ReadonlyMap<string, PollLane>>;
  /** Lets one that waits be due earlier or later, ms from now. */
  postpone(queue: JobQueue, key: string, inMs: number): Promise<void>;
  /** Takes claims away whose process is dead, and deletes what is old. One of all processes does it, at most every few seconds. */
  tend(): Promise<void>;
  close(): Promise<void>;
}
