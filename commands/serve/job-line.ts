import { type ConnectionKey, connectionName } from '../../src/connection.ts';
import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import type { Terminal } from '../../src/terminal.ts';
import { lineTime } from '../shared/when.ts';

/** One job that somebody asked for, and how it ended: for people on stderr, or as a line of JSON on stdout. */
export function tellJob(terminal: Terminal, job: Job, end: JobEnd, now: number): void {
  const error = end.state === 'failed' ? end.error : undefined;
  const outcome = error ? (end.state === 'failed' && end.again ? 'retried' : 'failed') : end.state;
  const { kind, id, provider, account, attempt } = job;
  if (terminal.json) {
    return void terminal.document({
      ...{ type: 'job', kind, jobId: id, provider, account, outcome, attempt: attempt + 1 },
      error: error?.toJSON(),
    });
  }
  const line = `${lineTime(now)} ${kind} ${connectionName(job as ConnectionKey)} (job ${id.slice(0, 8)}): ${outcome}`;
  if (error) terminal.warn(`${line}: ${error.code}: ${error.message} ${error.hint}`);
  else terminal.info(line);
}
