import type { Alarm } from '../alarm.ts';
import type { Clock } from '../clock.ts';
import { isLwiError, isPassingStoreTrouble, LwiError } from '../errors.ts';
import { asFailure } from '../sync/event-retry.ts';
import { endsAll } from '../sync/poll-pace.ts';
import type { Job, JobEnd, JobKind, Jobs, NewJob } from './jobs.ts';

/** What came of a job. */
export interface JobDone {
  readonly end: JobEnd;
  /** Jobs that follow; they are made once it has ended, when its key is free. */
  readonly next?: readonly NewJob[] | undefined;
}

export interface JobWork {
  readonly jobs: Omit<Jobs, 'waiting' | 'polls' | 'postpone' | 'close'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Rung when there may be something to do. */
  readonly alarm: Alarm;
  /** How many of each kind are worked on at once. */
  readonly room: Readonly<Record<JobKind, number>>;
  /** Whose jobs this process can do. */
  takes(provider: string): boolean;
  /** Of those that are claimed together, jobs with the same name here are done in one go. */
  group(job: Job): string;
  /** Before each look: makes the jobs that ought to be there. */
  prepare(): Promise<void>;
  /** Does jobs of one group. The signal: somebody else has them by now, or the command is ending. */
  run(jobs: readonly [Job, ...Job[]], signal: AbortSignal): Promise<JobDone>;
  /** Told of trouble with the store that is waited out, each time that it is met, and once when it is over. */
  trouble(error: LwiError, first: boolean): void;
  recovered(): void;
  /** Told of jobs that failed by something that nobody expects, and are not tried again: a defect, which must not end the work for all others. */
  failed(jobs: readonly [Job, ...Job[]], error: LwiError): void;
}

/** How often one looks for something to do, ms: others make jobs too, and jobs become due. */
const LOOK_MS = 1000;
/**
 * How often one says that one lives, ms: a claim may be taken from whoever has not said so for 12 s. Then it has to be found (every `TEND_MS`, by one process), and its
 * job waits for its first retry and for somebody's next look: another process has a poll 15 to 20 s after the first one fell silent, a sync or a replay 5 s later.
 */
const BEAT_MS = 4000;
/** How often claims are looked for whose process is dead, ms. */
const TEND_MS = 5000;
/** A database that is away is left alone for so long, ms. */
const PAUSE_MS = 2000;
/** Most that is claimed in one look, so that processes that look at the same time share what there is. */
const AT_A_TIME = 4;

/** Says nothing of the end itself: that may be what cannot be written. */
const unwritten = (cause: unknown) => new LwiError('INTERNAL', 'What came of it could not be written down.', { cause });

/** Works on jobs until stopped, several at once. Throws the signal's reason, or trouble of the store that waiting would not end. */
export async function workJobs(work: JobWork): Promise<never> {
  const { jobs, clock, alarm } = work;
  const ending = new AbortController();
  const stop = () => ending.abort(work.signal.reason);
  if (work.signal.aborted) stop();
  work.signal.addEventListener('abort', stop, { once: true });
  const claims = new Map<Job, AbortController>();
  const running = new Set<Promise<void>>();
  let broken: { readonly error: unknown } | undefined;
  let troubled = false;

  /** One step; trouble that passes is told once, and waited out. False: there was some. */
  async function step(of: () => Promise<void>): Promise<boolean> {
    try {
      await of();
      return true;
    } catch (error) {
      if (!isPassingStoreTrouble(error)) throw error;
      work.trouble(error, !troubled);
      troubled = true;
      return false;
    }
  }

  async function look(): Promise<void> {
    await work.prepare();
    for (const queue of await jobs.due()) {
      if (!work.takes(queue.provider)) continue;
      const busy = [...claims.keys()].filter(({ kind }) => kind === queue.kind).length;
      const most = Math.min(AT_A_TIME, work.room[queue.kind] - busy);
      if (most <= 0) continue;
      const claimed = await jobs.claim(queue, most);
      for (const some of Map.groupBy(claimed, work.group).values()) start(some as [Job, ...Job[]]);
      if (claimed.length === most) alarm.ring();
    }
    if (troubled) work.recovered();
    troubled = false;
  }

  function start(some: [Job, ...Job[]]): void {
    const claim = new AbortController();
    for (const job of some) claims.set(job, claim);
    const doing: Promise<void> = run(some, claim.signal)
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => {
        for (const job of some) claims.delete(job);
        running.delete(doing);
        alarm.ring();
      });
    running.add(doing);
  }

  async function run(some: [Job, ...Job[]], claim: AbortSignal): Promise<void> {
    let done: JobDone;
    try {
      done = await work.run(some, AbortSignal.any([claim, ending.signal]));
    } catch (error) {
      if (claim.aborted) return;
      if (ending.signal.aborted) done = { end: { state: 'returned' } };
      else if (isPassingStoreTrouble(error)) done = { end: { state: 'failed', error, again: true } };
      else if (isLwiError(error) && endsAll(error)) {
        await settle(some, { end: { state: 'returned' } });
        throw error;
      } else done = { end: failing(some, error) };
    }
    await settle(some, done);
  }

  function failing(some: [Job, ...Job[]], thrown: unknown): JobEnd {
    const error = asFailure(thrown);
    work.failed(some, error);
    return { state: 'failed', error, again: false };
  }

  async function settle(some: [Job, ...Job[]], { end, next = [] }: JobDone): Promise<void> {
    try {
      await write(some, { end, next });
    } catch (thrown) {
      if (isLwiError(thrown)) throw thrown;
      // What cannot even be written down so is left to its claim, which lapses.
      await write(some, { end: failing(some, unwritten(thrown)) }).catch((error: unknown) => {
        if (isLwiError(error)) throw error;
      });
    }
  }

  /** A database that is away is waited for; the claim lapses meanwhile, and then there is nothing to end. */
  async function write(some: readonly Job[], { end, next = [] }: JobDone): Promise<void> {
    for (;;) {
      const well = await step(async () => {
        for (const job of some) await jobs.finish(job, end);
        if (next.length > 0) await jobs.add(next);
      });
      if (well || ending.signal.aborted) return;
      await clock.sleep(PAUSE_MS, ending.signal).catch(() => {});
    }
  }

  async function beat(): Promise<void> {
    for (const job of await jobs.beat([...claims.keys()])) {
      claims.get(job)?.abort(new Error('Another process has taken this job over.'));
    }
  }

  async function looking(): Promise<never> {
    for (;;) {
      ending.signal.throwIfAborted();
      if (broken) throw broken.error;
      const well = await step(look);
      await (well ? alarm.sleep(LOOK_MS, ending.signal) : clock.sleep(PAUSE_MS, ending.signal));
    }
  }

  async function every(ms: number, does: () => Promise<void>): Promise<never> {
    for (;;) {
      await clock.sleep(ms, ending.signal);
      await step(does);
    }
  }

  const loops = [looking(), every(BEAT_MS, beat), every(TEND_MS, () => jobs.tend())];
  try {
    return await Promise.race(loops);
  } finally {
    work.signal.removeEventListener('abort', stop);
    ending.abort(new Error('The work is ending.'));
    await Promise.allSettled([...loops, ...running]);
  }
}
