import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Job, NewJob } from '../../src/jobs/jobs.ts';
import type { ReplayEnd } from '../../src/store/forwards.ts';
import { demandJobs, tellQueued } from '../shared/queued-jobs.ts';
import type { ReplayChoice } from './replay-choice.ts';

/** What is to be sent, as it stands in its job. */
export interface ReplayOrder {
  /** The URL of `--to`, as given. */
  readonly to: string;
  /** Number of the event. */
  readonly event: number;
  readonly reSign: boolean;
  readonly settles: ReplayEnd['settles'];
  /** For one attempt, ms. */
  readonly timeoutMs: number;
}

/** Events of one command: each becomes a row, which is there until it is sent. */
const MOST = 100_000;
const TOGETHER = 500;

export const readReplayOrder = ({ order }: Job): ReplayOrder => order as unknown as ReplayOrder;

/** `lwi webhook replay … --queue`: a job for each event, for the machines that run `lwi serve`. Throws USAGE, also for inputs that only this machine has. */
export async function queueReplays(
  context: Context,
  choice: ReplayChoice,
  order: Omit<ReplayOrder, 'event'>,
): Promise<number> {
  const jobs = await demandJobs(context);
  const ids: string[] = [];
  let batch: NewJob[] = [];
  const hand = async () => {
    ids.push(...(await jobs.add(batch)));
    batch = [];
  };
  await choice.each(async ({ event, provider }) => {
    if (!event || provider === undefined) throw onlyEvents();
    if (ids.length + batch.length >= MOST) throw new LwiError('USAGE', `--queue takes at most ${MOST} events at once.`);
    const { account, number } = event;
    batch.push({ kind: 'replay', provider, account, order: { ...order, event: number } });
    if (batch.length >= TOGETHER) await hand();
  });
  await hand();
  tellQueued(
    context,
    ids.map((jobId) => ({ jobId })),
  );
  return 0;
}

const onlyEvents = () =>
  new LwiError('USAGE', '--queue takes events of the inbox: files are on this machine only.', {
    hint: 'Leave out --queue, or name events: `lwi webhook list` shows them.',
  });
