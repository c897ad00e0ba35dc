import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { thrownEnd } from '../../src/jobs/failure-end.ts';
import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import type { JobDone } from '../../src/jobs/work-jobs.ts';
import { requestSender } from '../../src/webhooks/request-sender.ts';
import { withoutQuery } from '../../src/webhooks/traced-sender.ts';
import { readReplayOrder } from '../replay/queued-replay.ts';
import { replayOfEvent } from '../replay/replay-events.ts';
import { replayer } from '../replay/replay-run.ts';
import { replayTally } from '../replay/replay-tally.ts';
import { outcomeOf } from '../shared/send-outcome.ts';
import { readTarget } from '../shared/target.ts';
import { signerOf } from '../shared/webhook-signer.ts';
import { tellJob } from './job-line.ts';
import type { ServeParts } from './serve-parts.ts';

/** How `lwi serve` sends an event of the inbox that somebody wants sent again. */
export function replayJobs(context: Context, { store, metrics }: Pick<ServeParts, 'store' | 'metrics'>) {
  const { clock, terminal } = context;

  async function sent(job: Job, signal: AbortSignal): Promise<JobEnd> {
    const { to, event, reSign, settles, timeoutMs } = readReplayOrder(job);
    const kept = await store.event(event);
    if (!kept) throw new LwiError('INPUT_INVALID', 'The event is no longer in the inbox.');
    const tally = replayTally();
    let problem: LwiError | undefined;
    const sender = requestSender({ clock, timeoutMs, maxSockets: 1 });
    const work = replayer({
      ...{ context: { clock, signal }, target: readTarget(to), sender, concurrency: 1, tally, store, settles },
      signer: reSign ? async () => signerOf(context, kept.provider, kept.account) : undefined,
      onProblem: (error) => {
        problem = error;
      },
      onResult: () => {},
    });
    try {
      await work.take(replayOfEvent(store, kept));
      await work.settled();
      work.check();
    } finally {
      sender.close();
    }
    const [result] = tally.results;
    if (problem) throw problem;
    if (result && outcomeOf(result) === 'ok') return { state: 'done' };
    const again = result === undefined || outcomeOf(result) === 'unavailable';
    const why = result?.error ?? (result?.status === undefined ? 'no answer' : `HTTP ${result.status}`);
    throw new LwiError(again ? 'NETWORK' : 'BAD_REQUEST', `${withoutQuery(to)} did not take the event: ${why}.`);
  }

  async function endOf(job: Job, signal: AbortSignal): Promise<JobEnd> {
    try {
      return await sent(job, signal);
    } catch (thrown) {
      return thrownEnd(thrown, job, signal);
    }
  }

  return async ([job]: readonly [Job, ...Job[]], signal: AbortSignal): Promise<JobDone> => {
    const end = await endOf(job, signal);
    metrics.job(job, end);
    tellJob(terminal, job, end, clock.now());
    return { end };
  };
}
