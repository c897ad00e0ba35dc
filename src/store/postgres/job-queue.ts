import type { PollLane } from '../../jobs/jobs.ts';
import type { Queries } from './database.ts';
import { JOBS_SCHEMA } from './grants.ts';

/**
 * What lwi asks pg-boss' tables itself, because pg-boss asks for one queue at a time only. The columns are those of its documentation
 * (https://github.com/timgit/pg-boss/blob/master/docs/sql/job-table.md).
 */
export interface JobQueries {
  /** The id of the job that waits under this key, and was not tried yet. */
  waiting(queue: string, key: string): Promise<string | undefined>;
  /** Names of the queues that have something to claim. */
  due(): Promise<readonly string[]>;
  polls(queues: readonly string[], keys: readonly string[]): Promise<readonly (PollLane & { readonly key: string })[]>;
  /** The failure that comes next is the last one of this attempt of a job. */
  lastAttempt(queue: string, id: string, attempt: number): Promise<void>;
}

const WAITING = `
SELECT id::text AS id FROM ${JOBS_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND state = 'created'`;

const DUE = `
SELECT q.name FROM ${JOBS_SCHEMA}.queue q WHERE EXISTS (
  SELECT 1 FROM ${JOBS_SCHEMA}.job j WHERE j.name = q.name AND j.state < 'active' AND NOT j.blocked AND j.start_after <= now()
)`;

const POLLS = `
SELECT singleton_key AS key,
  bool_or(state <= 'active') AS live,
  ms(min(start_after) FILTER (WHERE state < 'active') - now()) AS "dueInMs",
  max((data->'order'->>'failures')::int) FILTER (WHERE state < 'active') AS failures,
  ms(now() - max(completed_on)) AS "endedAgoMs",
  ms(now() - max(completed_on) FILTER (WHERE output->>'outcome' = 'done')) AS "doneAgoMs"
FROM ${JOBS_SCHEMA}.job
WHERE name = ANY($1) AND singleton_key = ANY($2)
GROUP BY singleton_key`.replaceAll(/\bms\((.*)\) AS/g, '(extract(epoch FROM $1) * 1000)::bigint AS');

const LAST_ATTEMPT = `
UPDATE ${JOBS_SCHEMA}.job SET retry_limit = retry_count
WHERE name = $1 AND id = $2::uuid AND state = 'active' AND retry_count = $3`;

export function jobQueries(db: Queries): JobQueries {
  return {
    waiting: async (queue, key) => (await db.row<{ id: string }>(WAITING, [queue, key]))?.id,
    due: async () => (await db.rows<{ name: string }>(DUE)).map(({ name }) => name),
    async polls(queues, keys) {
      if (keys.length === 0) return [];
      const rows = await db.rows<{ key: string; live: boolean } & Record<string, number | null>>(POLLS, [queues, keys]);
      const given = (value: number | null | undefined) => value ?? undefined;
      return rows.map(({ key, live, dueInMs, failures, endedAgoMs, doneAgoMs }) => ({
        ...{ key, live, dueInMs: given(dueInMs), failures: given(failures) },
        ...{ endedAgoMs: given(endedAgoMs), doneAgoMs: given(doneAgoMs) },
      }));
    },
    lastAttempt: async (queue, id, attempt) => void (await db.run(LAST_ATTEMPT, [queue, id, attempt])),
  };
}
