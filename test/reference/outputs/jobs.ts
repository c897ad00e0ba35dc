import { error } from './errors.ts';
import * as w from './words.ts';

export const jobKind = w.oneOf(
  ['apply', 'poll', 'sync', 'replay'],
  'what is done: `apply`: events that came are applied; `poll`: a poll on its interval; `sync`, `replay`: what somebody asked for',
);
const jobId = w.text('id of the job');

/** What `--queue` answers. */
export const queued = w.object({ jobs: w.list(w.object({ jobId }), 'each job that was made') });

/** One job that somebody asked for, of `serve`. */
export const jobLine = w.object({
  type: w.word('job', 'kind of the line: a job that somebody asked for; only where the store is on PostgreSQL'),
  kind: w.oneOf(['sync', 'replay'], 'what was done'),
  ...{ jobId, provider: w.provider, account: w.text('account (tenant); empty: it is about no connection here') },
  outcome: w.oneOf(['done', 'retried', 'failed'], 'how it ended; `retried`: it is tried again'),
  attempt: w.whole('from 1'),
  error: w.maybe(error),
});
